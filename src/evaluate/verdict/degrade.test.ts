import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { type ImageSource, imagesInMemory, readAll } from "../../features/extractor.ts";
import { memorySource } from "../../features/testing/lesions.ts";
import { matrix } from "../../math/linear/linear64.ts";
import { runtimeLinear64 } from "../../math/linear/runtime-linear64.ts";
import { variance } from "../../math/mean.ts";
import { phantomPlan, renderPhantom } from "../../phantom/index.ts";
import { halfOfTheModes, swappedClasses, withoutClass } from "./degradations/subsets.ts";
import { DEGRADATIONS, type Degradation, type DegradationName, degrade, ladder } from "./degrade.ts";

const SIDE = 32;
const colour = memorySource(phantomPlan(7, 1).map((spec) => renderPhantom(spec, SIDE).image));
const red = readAll(colour).filter((_, i) => Math.floor(i / SIDE ** 2) % 3 === 0);
const grey = imagesInMemory(red, SIDE, 1);

async function spoilt(source: ImageSource, step: Degradation, seed = 1, regions: Uint8Array | null = null) {
  return readAll(await degrade(source, step, seed, regions));
}

/** Mean squared difference of neighbours in a row. */
function roughness(bytes: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < bytes.length - 1; i++) if (i % SIDE !== SIDE - 1) total += (bytes[i + 1]! - bytes[i]!) ** 2;
  return total / bytes.length;
}

describe.each([
  ["colour", colour],
  ["grey", grey],
])("%s images", (_, source) => {
  test.each(ladder(SIDE).map((step) => [`${step.degradation} ${step.strength}`, step] as const))(
    "%s changes them, the same for the same seed",
    async (_, step) => {
      const bytes = readAll(source);
      const once = await spoilt(source, step);
      expect(once).toHaveLength(bytes.length);
      expect(once).not.toEqual(bytes);
      expect(await spoilt(source, step)).toEqual(once);
    },
  );
});

test("the ladder holds every kind, blur in three strengths", () => {
  const names = ladder(64).map(({ degradation }) => degradation);
  const ofSets = [
    "one class missing",
    "half of the modes missing",
    "half of the thumbnails missing",
    "swapped classes",
  ];
  expect(new Set([...names, ...ofSets])).toEqual(new Set(DEGRADATIONS));
  expect(names.filter((name) => name === "blur")).toHaveLength(3);
});

test("blur, low-pass and JPEG take fine detail away, more with more; noise and a checkerboard add it", async () => {
  const of = async (degradation: DegradationName, strength: number) =>
    roughness(await spoilt(colour, { degradation, strength }));
  const plain = roughness(readAll(colour));
  const [weak, strong] = [await of("blur", 0.5), await of("blur", 2)];
  expect(weak).toBeLessThan(plain);
  expect(strong).toBeLessThan(weak);
  expect(await of("low-pass", 4)).toBeLessThan(await of("low-pass", 2));
  expect(await of("noise", 20)).toBeGreaterThan(plain + 300);
  expect(await of("checkerboard", 10)).toBeGreaterThan(plain + 300);
});

test("shuffled patches keep every value, each image for itself", async () => {
  const bytes = readAll(grey);
  const found = await spoilt(grey, { degradation: "shuffled patches", strength: 8 });
  for (let n = 0; n < grey.count; n++) {
    const of = (all: Uint8Array) => all.slice(n * SIDE ** 2, (n + 1) * SIDE ** 2).sort();
    expect(of(found)).toEqual(of(bytes));
  }
});

test("colours move towards red, grey images lose contrast", async () => {
  const step = { degradation: "shifted colours", strength: 0.1 } as const;
  const [was, is] = [readAll(colour), await spoilt(colour, step)];
  const at = (bytes: Uint8Array, c: number) => bytes[c * SIDE ** 2]!;
  expect(at(is, 0)).toBe(Math.min(255, Math.round(at(was, 0) * 1.1)));
  expect(at(is, 1)).toBe(at(was, 1));
  expect(at(is, 2)).toBe(Math.round(at(was, 2) * 0.9));
  expect(variance(await spoilt(grey, step))).toBeLessThan(variance(readAll(grey)));
});

test("a lesion is painted over inside its mask alone, with what lies around it; without a mask in the middle", async () => {
  const bytes = new Uint8Array(SIDE ** 2).fill(200);
  const mask = new Uint8Array(SIDE ** 2);
  for (let y = 4; y < 10; y++) {
    for (let x = 4; x < 10; x++) {
      bytes[y * SIDE + x] = 20;
      mask[y * SIDE + x] = 255;
    }
  }
  bytes[20 * SIDE + 20] = 90;
  const one = imagesInMemory(bytes, SIDE, 1);
  const step = { degradation: "lesion painted over", strength: 8 } as const;
  const masked = await spoilt(one, step, 1, mask);
  expect(masked[6 * SIDE + 6]).toBe(200);
  expect(masked[20 * SIDE + 20]).toBe(90);
  const central = await spoilt(one, step);
  expect(central[20 * SIDE + 20]).toBe(200);
  expect(central[6 * SIDE + 6]).toBe(20);
});

test("what has no content holds the colours of the images and nothing of each", async () => {
  for (const degradation of ["mean image and noise", "smooth random fields"] as const) {
    const found = await spoilt(colour, { degradation, strength: 1 });
    const level = (bytes: Uint8Array) => bytes.reduce((a, b) => a + b, 0) / bytes.length;
    expect(Math.abs(level(found) - level(readAll(colour)))).toBeLessThan(12);
    expect(await spoilt(colour, { degradation, strength: 1 }, 2)).not.toEqual(found);
  }
});

describe("sets that lack something", () => {
  const pool = [
    [0, 1, 2, 3],
    [4, 5],
    [6, 7, 8],
  ];
  test("a class gone, classes swapped; neither with one class", () => {
    expect(withoutClass(pool, [2, 2, 3])).toEqual([[0, 1, 2, 3], [4, 5], []]);
    expect(swappedClasses(pool, [2, 0, 3])).toEqual([
      [6, 7, 8],
      [4, 5],
      [0, 1, 2, 3],
    ]);
    expect(withoutClass([[0, 1]], [2])).toBeNull();
    expect(swappedClasses([[0, 1], []], [2, 0])).toBeNull();
  });

  test("of images of two kinds one goes missing; of equal images none can", async () => {
    const linear = runtimeLinear64();
    try {
      const rng = new Rng("modes");
      const at = (value: (i: number) => number) =>
        matrix(
          20,
          1,
          Float64Array.from({ length: 20 }, (_, i) => value(i)),
        );
      const all = [Array.from({ length: 20 }, (_, i) => i)];
      const two = at((i) => (i % 2 === 0 ? 20 : 220) + rng.uniform());
      const kept = (await halfOfTheModes(all, two, linear, 0))![0]!;
      expect(kept.length).toBeGreaterThan(4);
      expect(kept.length).toBeLessThan(20);
      expect(
        await halfOfTheModes(
          all,
          at(() => 9),
          linear,
          0,
        ),
      ).toBeNull();
    } finally {
      await linear.close();
    }
  });
});
