import { describe, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { input, interpret } from "../graph/index.ts";
import { carryWeights } from "./carry-weights.ts";
import type { Network } from "./family.ts";
import { initialise, splitFlat, viewWeights } from "./parameters.ts";
import { designArchitecture, type NetworkSize, type R3ganArchitecture } from "./r3gan/architecture.ts";
import { discriminate, discriminatorLayout } from "./r3gan/discriminator.ts";
import { generate, generatorLayout } from "./r3gan/generator.ts";

const size: NetworkSize = { code: 6, embedding: 4, generatorMaps: 4, discriminatorMaps: 5, widest: 8, blocks: 1 };
const shape = { resolution: 8, channels: 3 as const, classes: 3 };
const before = designArchitecture(size, shape);
const layoutOf = { generator: generatorLayout, discriminator: discriminatorLayout };

/** Trained weights stand in: no layer does nothing. */
function shaken(a: R3ganArchitecture, network: Network): Float32Array {
  const rng = new Rng(3, "shake", network);
  return initialise(layoutOf[network](a), 3, network).map((w) => w + 0.1 * rng.normal());
}

function carried(
  network: Network,
  to: R3ganArchitecture,
  classes: (number | null)[],
  from: R3ganArchitecture = before,
) {
  const first = initialise(layoutOf[network](to), 9, network);
  const weights = shaken(from, network);
  return carryWeights(network, { architecture: from, weights }, { architecture: to, first, classes });
}

const oneHot = (classes: number, chosen: number) => Array.from({ length: classes }, (_, i) => Number(i === chosen));

function drawn(a: R3ganArchitecture, flat: Float32Array, latent: number[], chosen: number): number[] {
  const layout = generatorLayout(a);
  const weights = viewWeights(layout, input("g", [layout.length]));
  const images = generate(a, weights, input("z", [1, a.latent]), input("labels", [1, a.classes]));
  return Array.from(interpret([images], { g: flat, z: latent, labels: oneHot(a.classes, chosen) })[0]!);
}

function scored(a: R3ganArchitecture, flat: Float32Array, pixels: readonly number[], chosen: number): number {
  const layout = discriminatorLayout(a);
  const weights = viewWeights(layout, input("d", [layout.length]));
  const images = input("images", [1, a.channels, a.resolution, a.resolution]);
  const logit = discriminate(a, weights, images, input("labels", [1, a.classes]));
  return interpret([logit], { d: flat, images: [...pixels], labels: oneHot(a.classes, chosen) })[0]![0]!;
}

const normal = (key: string, n: number): number[] => Array.from(new Rng(5, key).fillNormal(new Float64Array(n)));
const latent = normal("latent", before.latent);
const pixels = normal("pixels", 3 * 64);
const far = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));

describe("carried weights do what they did", () => {
  test("for the same classes, channels, code and resolution, bit for bit", () => {
    for (const network of ["generator", "discriminator"] as const) {
      const { weights, fitted, fresh, unfit } = carried(network, before, [0, 1, 2]);
      expect(weights).toEqual(shaken(before, network));
      expect([fitted, fresh, unfit]).toEqual([[], [], null]);
    }
  });

  test("for classes in another order", () => {
    const g = carried("generator", before, [2, 0, 1]);
    expect(g.fitted).toEqual(["embedding.weight"]);
    expect(
      far(drawn(before, g.weights, latent, 0), drawn(before, shaken(before, "generator"), latent, 2)),
    ).toBeLessThan(1e-5);
    const d = carried("discriminator", before, [2, 0, 1]);
    expect(d.fitted).toEqual(["projection.weight"]);
    expect(scored(before, d.weights, pixels, 1)).toBeCloseTo(
      scored(before, shaken(before, "discriminator"), pixels, 0),
      4,
    );
  });

  test("for a longer code", () => {
    const longer = designArchitecture({ ...size, code: 9 }, shape);
    const { weights, fitted } = carried("generator", longer, [0, 1, 2]);
    expect(fitted).toEqual(["seed.weight"]);
    const extended = [...latent.slice(0, 6), 1, -1, 2, ...latent.slice(6)];
    expect(
      far(drawn(longer, weights, extended, 1), drawn(before, shaken(before, "generator"), latent, 1)),
    ).toBeLessThan(1e-5);
  });

  test("in grey: an image is the mean of three channels, and a grey image is scored as one of three equal ones", () => {
    const grey = designArchitecture(size, { ...shape, channels: 1 });
    const three = drawn(before, shaken(before, "generator"), latent, 0);
    const mean = Array.from({ length: 64 }, (_, i) => (three[i]! + three[i + 64]! + three[i + 128]!) / 3);
    expect(far(drawn(grey, carried("generator", grey, [0, 1, 2]).weights, latent, 0), mean)).toBeLessThan(1e-5);
    const d = carried("discriminator", grey, [0, 1, 2]);
    expect(d.fitted).toEqual(["image.weight"]);
    expect(scored(grey, d.weights, mean, 0)).toBeCloseTo(
      scored(before, shaken(before, "discriminator"), [...mean, ...mean, ...mean], 0),
      4,
    );
  });

  test("in colour: three channels begin equal", () => {
    const grey = designArchitecture(size, { ...shape, channels: 1 });
    const one = drawn(grey, shaken(grey, "generator"), latent, 0);
    const g = carried("generator", before, [0, 1, 2], grey);
    expect(far(drawn(before, g.weights, latent, 0), [...one, ...one, ...one])).toBeLessThan(1e-5);
    const d = carried("discriminator", before, [0, 1, 2], grey);
    expect(scored(before, d.weights, [...one, ...one, ...one], 2)).toBeCloseTo(
      scored(grey, shaken(grey, "discriminator"), one, 2),
      4,
    );
  });
});

test("heads for a frozen network judge other classes too", () => {
  const heads = [{ name: "tap", maps: 2, extent: 4 }];
  const from = { ...before, heads };
  const { weights, fitted, unfit } = carried("discriminator", { ...from, classes: 2 }, [2, null], from);
  expect([fitted, unfit]).toEqual([["projection.weight", "head0.projection.weight"], null]);
  const [old, now] = [
    splitFlat(discriminatorLayout(from), shaken(from, "discriminator")),
    splitFlat(discriminatorLayout({ ...from, classes: 2 }), weights),
  ].map((named) => named["head0.projection.weight"]!);
  const [a, b, c] = old!;
  expect(now![0]).toBe(c);
  expect(now![1]).toBeCloseTo((a! + b! + c!) / 3, 6);
});

test("a class that the start does not have begins as the mean of all", () => {
  const { weights } = carried("generator", designArchitecture(size, { ...shape, classes: 2 }), [1, null]);
  const old = shaken(before, "generator");
  for (let row = 0; row < size.embedding; row++) {
    const [a, b, c] = old.subarray(3 * row, 3 * row + 3);
    expect(weights[2 * row]).toBe(b);
    expect(weights[2 * row + 1]).toBeCloseTo((a! + b! + c!) / 3, 6);
  }
});

test("a shorter code keeps its first numbers, enlarged so that what they make varies as before", () => {
  const shorter = designArchitecture({ ...size, code: 4 }, shape);
  const { weights } = carried("generator", shorter, [0, 1, 2]);
  const columns = size.code + size.embedding;
  const start = 3 * size.embedding;
  const old = shaken(before, "generator").subarray(start, start + columns);
  const now = weights.subarray(start, start + columns - 2);
  expect(
    far(
      Array.from(now.subarray(0, 4)),
      Array.from(old.subarray(0, 4), (w) => w * Math.sqrt(6 / 4)),
    ),
  ).toBeLessThan(1e-6);
  expect(Array.from(now.subarray(4))).toEqual(Array.from(old.subarray(6)));
});

describe("another resolution", () => {
  const at = (resolution: number) => designArchitecture({ ...size, mapsAt: 8 }, { ...shape, resolution });

  test("grown: all layers are kept, the new ones do nothing at first but smooth", () => {
    expect(at(16).generatorWidths).toEqual([8, 4, 4]);
    const g = carried("generator", at(16), [0, 1, 2]);
    expect(g.fresh.every((name) => name.startsWith("stage2."))).toBe(true);
    expect([g.copied.length, g.unfit]).toEqual([generatorLayout(before).parameters.length, null]);
    const d = carried("discriminator", at(16), [0, 1, 2]);
    expect([d.copied.length, d.unfit]).toEqual([discriminatorLayout(before).parameters.length, null]);
    // The noise of the new resolution lies behind that of the old.
    const larger = drawn(at(16), g.weights, [...latent, ...normal("noise", 256)], 0);
    const smaller = drawn(before, shaken(before, "generator"), latent, 0);
    const shrunk = smaller.map((_, i) => {
      const [plane, y, x] = [Math.floor(i / 64), Math.floor((i % 64) / 8), i % 8];
      const pixel = (dy: number, dx: number) => larger[plane * 256 + (2 * y + dy) * 16 + 2 * x + dx]!;
      return (pixel(0, 0) + pixel(0, 1) + pixel(1, 0) + pixel(1, 1)) / 4;
    });
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const correlation = (a: readonly number[], b: readonly number[]) => {
      const [ma, mb] = [mean(a), mean(b)];
      const sum = (f: (i: number) => number) => a.reduce((total, _, i) => total + f(i), 0);
      const covariance = sum((i) => (a[i]! - ma) * (b[i]! - mb));
      return covariance / Math.sqrt(sum((i) => (a[i]! - ma) ** 2) * sum((i) => (b[i]! - mb) ** 2));
    };
    expect(correlation(shrunk, smaller)).toBeGreaterThan(0.8);
  });

  test("cut: the layers that are left are kept, those at the image are new", () => {
    const from = at(32);
    const larger = designArchitecture({ ...size, widest: 64 }, { ...shape, resolution: 32 });
    const cut = designArchitecture({ ...size, widest: 64, mapsAt: 32 }, { ...shape, resolution: 16 });
    const g = carried("generator", cut, [0, 1, 2], larger);
    expect([g.fresh, g.unfit]).toEqual([["image.weight"], null]);
    const d = carried("discriminator", cut, [0, 1, 2], larger);
    expect([d.fresh, d.unfit]).toEqual([["image.weight", "image.bias"], null]);
    // Where the width next to the image is the same, that layer is kept too.
    expect(carried("generator", at(16), [0, 1, 2], from).fresh).toEqual([]);
  });
});

test("another width is named with both shapes", () => {
  const wider = designArchitecture({ ...size, generatorMaps: 6, widest: 12 }, shape);
  expect(carried("generator", wider, [0, 1, 2]).unfit).toEqual({ name: "seed.weight", from: [128, 10], to: [192, 10] });
});
