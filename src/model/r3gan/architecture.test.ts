import { expect, test } from "vitest";
import { GanglionError } from "../../core/errors.ts";
import { interpret } from "../../graph/index.ts";
import { input } from "../../graph/ops.ts";
import { initialise, viewWeights } from "../parameters.ts";
import { PRESETS, presetResolution } from "../presets.ts";
import { stateLayouts } from "../state.ts";
import { designArchitecture, presetNetworks } from "./architecture.ts";
import { discriminate, discriminatorLayout } from "./discriminator.ts";
import { generate, generatorLayout } from "./generator.ts";

test.each(PRESETS)("preset %s has networks for every resolution from 8 to 256", (preset) => {
  for (const resolution of [8, 16, 32, 64, 128, 256]) {
    const a = designArchitecture(presetNetworks[preset], { resolution, channels: 1, classes: 2 });
    expect(a.generatorWidths.length).toBe(Math.log2(resolution / 4) + 1);
    expect(a.generatorWidths).toEqual([...a.generatorWidths].sort((x, y) => y - x));
  }
  expect(() =>
    designArchitecture(presetNetworks[preset], { resolution: presetResolution(preset), channels: 3, classes: 1 }),
  ).not.toThrow();
});

test.each([0, 4, 7, 12, 48, 100, 512, Number.NaN])("resolution %s is refused with those that fit", (resolution) => {
  try {
    designArchitecture(presetNetworks.tiny, { resolution, channels: 3, classes: 2 });
  } catch (error) {
    expect(error).toBeInstanceOf(GanglionError);
    expect(error).toMatchObject({ code: "usage", message: expect.stringContaining("use 8, 16, 32, 64, 128 or 256") });
    return;
  }
  throw new Error("nothing was thrown");
});

test("averages and second moments follow the layout of their weights", () => {
  const layouts = stateLayouts(designArchitecture(presetNetworks.tiny, { resolution: 8, channels: 3, classes: 2 }));
  expect(layouts.average!.length).toBe(layouts.generator!.length);
  expect(layouts.discriminatorSecond!.length).toBe(layouts.discriminator!.length);
});

test.each([1, 3] as const)(
  "networks with %i channels have the shapes that they state and keep variances",
  (channels) => {
    const a = {
      ...designArchitecture(presetNetworks.tiny, { resolution: 16, channels, classes: 2 }),
      code: 6,
      embedding: 4,
    };
    const widths = [12, 8, 6];
    // The code, then a number of noise for each pixel at 8 and at 16 pixels.
    const latent = 6 + 8 ** 2 + 16 ** 2;
    const small = { ...a, latent, generatorWidths: widths, discriminatorWidths: widths };
    const weights = (layout: ReturnType<typeof generatorLayout>, name: string) =>
      [viewWeights(layout, input(name, [layout.length])), initialise(layout, 5, name)] as const;
    const [g, gValues] = weights(generatorLayout(small), "g");
    const [d, dValues] = weights(discriminatorLayout(small), "d");
    const images = generate(small, g, input("z", [4, latent]), input("labels", [4, 2]));
    const logits = discriminate(small, d, images, input("labels", [4, 2]));
    expect([images.shape, logits.shape]).toEqual([[4, channels, 16, 16], [4]]);
    const z = Float64Array.from({ length: 4 * latent }, (_, i) => Math.sin(7 * i));
    const [pixels, values] = interpret([images, logits], {
      z,
      labels: [1, 0, 0, 1, 1, 0, 0, 1],
      g: gValues,
      d: dValues,
    });
    const deviation = Math.sqrt(pixels!.reduce((sum, x) => sum + x * x, 0) / pixels!.length);
    expect(deviation).toBeGreaterThan(0.2);
    expect(deviation).toBeLessThan(3);
    expect(values!.every((x) => Number.isFinite(x) && Math.abs(x) < 10)).toBe(true);
    expect(new Set(values).size).toBe(4);
    // The strength of the noise is learnt from zero; once it is not, the noise of an image changes that image alone.
    const noisy = z.with(latent - 1, 5);
    const drawnFrom = (code: Float64Array, weights: Float32Array) =>
      interpret([images], { z: code, labels: [1, 0, 0, 1, 1, 0, 0, 1], g: weights })[0]!;
    expect(Array.from(drawnFrom(noisy, gValues))).toEqual(Array.from(pixels!));
    const learnt = gValues.map((w) => (w === 0 ? 0.1 : w));
    const [before, after] = [drawnFrom(z, learnt), drawnFrom(noisy, learnt)];
    const changed = before!.map((x, i) => Math.abs(x - after![i]!));
    const image = channels * 256;
    expect(Math.max(...changed.subarray(0, image))).toBeGreaterThan(0.01);
    expect(Math.max(...changed.subarray(image))).toBe(0);
  },
);
