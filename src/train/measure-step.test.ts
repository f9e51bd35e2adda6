import { expect, it } from "vitest";
import { measureStep } from "./measure-step.ts";
import { stepCosts } from "./step-costs.ts";
import { testConfig } from "./testing/config.ts";

const withBatch = (batch: number) => {
  const config = testConfig({ resolution: 32, channels: 3 });
  return { ...config, recipe: { ...config.recipe, batch } };
};

it("the operations of a step follow from its batch, and its memory is a part that stays and one that grows", () => {
  const [first, second, third] = [64, 128, 256].map((batch) => stepCosts(withBatch(batch))[0]!);
  expect(second!.gigaflops / first!.gigaflops).toBeCloseTo(2, 1);
  expect(third!.gigaflops / second!.gigaflops).toBeCloseTo(2, 1);
  const [grown, grownMore] = [second!.liveBytes - first!.liveBytes, third!.liveBytes - second!.liveBytes];
  expect(grown).toBeGreaterThan(0);
  expect(grownMore / grown).toBeCloseTo(2, 1);
});

it("a step of many operations is timed on smaller batches and scaled", async () => {
  const whole = await measureStep(withBatch(16));
  expect(whole.batch).toBe(16);
  const large = await measureStep(withBatch(2048));
  expect(large.batch).toBeLessThan(2048);
  // Per image it is the same work.
  expect(large.imagesPerSecond / whole.imagesPerSecond).toBeGreaterThan(0.3);
  const grown = stepCosts(withBatch(2048))[0]!.liveBytes - stepCosts(withBatch(large.batch))[0]!.liveBytes;
  expect(large.peakMemoryBytes).toBeGreaterThan(grown);
}, 120_000);
