import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { flopsOf, prepare, topologicalOrder } from "../../graph/index.ts";
import { stateLayouts } from "../../model/index.ts";
import { type R3ganConfig, r3ganArchitecture } from "../r3gan/config.ts";
import { stepGraphs } from "../step-graphs.ts";
import { testConfig } from "../testing/config.ts";
import { memoryStore } from "../testing/memory-store.ts";
import { labelLayers } from "./label-layers.ts";
import { profileStep } from "./profile-step.ts";
import { readTrace } from "./trace.ts";

const config = testConfig({ recipe: { gamma: 0.1, penaltyInterval: 2, batch: 4 } });
const architecture = r3ganArchitecture(config);
const { generator, discriminator } = stateLayouts(architecture);

test.each(["alternating", "simultaneous"] as const)(
  "with %s updates every layer with a kernel is named in all of its passes",
  (updates) => {
    const changed: R3ganConfig = { ...config, recipe: { ...config.recipe, updates } };
    for (const graph of stepGraphs(changed)) {
      const prepared = prepare(graph);
      const labels = labelLayers(prepared, { generator: generator!, discriminator: discriminator! });
      const found = new Set(labels.values());
      for (const [network, layout] of Object.entries({ generator, discriminator })) {
        for (const { name, shape } of layout!.parameters) {
          if (shape.length !== 4) continue;
          for (const pass of ["forward", "to data", "to weights"]) {
            expect(found, updates).toContain(`${network} ${name.replace(".weight", "")}, ${pass}`);
          }
        }
      }
      const convolutions = topologicalOrder(Object.values(prepared)).filter((t) => t.op.startsWith("conv2d"));
      for (const node of convolutions) expect(labels.has(node.id), `${node.op} [${node.shape}]`).toBe(true);
    }
  },
);

test("operations of a convolution and of its gradients are the same, those of a product twice its extents; nothing is done twice", () => {
  const [graph] = stepGraphs(config).map(prepare);
  const labels = labelLayers(graph!, { generator: generator!, discriminator: discriminator! });
  const of = (label: string) =>
    topologicalOrder(Object.values(graph!)).flatMap((t) => (labels.get(t.id) === label ? flopsOf(t) : []));
  // 2 x outputs x inputs x taps: 4 images, 8 x 8 pixels.
  const width = architecture.generatorWidths[1]!;
  const expected = 2 * 4 * 64 * width * width * 9;
  for (const pass of ["forward", "to data", "to weights"]) {
    expect(of(`generator stage1.block0.first, ${pass}`), pass).toEqual([expected]);
  }
  const [seed] = of("generator seed, forward");
  expect(seed).toBe(2 * 4 * (architecture.code + architecture.embedding) * architecture.generatorWidths[0]! * 16);
});

test("a profile's parts add up, and name operators and layers", async () => {
  const store = memoryStore([0, 1, 0, 1], (i, p) => (i * 90 + p) % 256, {
    channels: 1,
    resolution: 8,
    classes: config.dataset.classes,
  });
  const profile = await profileStep(config, store);
  for (const parts of [profile.operators, profile.layers]) {
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    const sum = parts.reduce((total, { milliseconds }) => total + milliseconds, 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan(profile.tracedStepMilliseconds);
  }
  expect(profile.operators.map(({ name }) => name)).toContain("Conv");
  expect(profile.layers.find(({ name }) => name === "discriminator image, forward")?.gigaflops).toBeGreaterThan(0);
  expect(profile.outsideRuntime).toBeGreaterThan(0);
  expect(profile.outsideRuntime).toBeLessThan(1);
  expect(profile.shareOfPeak).toBeCloseTo(profile.gigaflopsPerSecond / profile.peakGigaflopsPerSecond, 9);
  expect(profile.gigaflopsPerSecond * profile.stepMilliseconds).toBeCloseTo(1000 * profile.gigaflopsPerStep, 6);
});

test("what is no trace is refused", async () => {
  const path = join(await temporaryFolder(), "trace.json");
  await writeFile(path, '{"cat":1}');
  expect(await failure(readTrace(path))).toMatchObject({ code: "graph", message: expect.stringContaining(path) });
});
