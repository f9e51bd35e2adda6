import { expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { add, gradient, input, interpret, mul, shareBackward, softplus, square, sumAll } from "../../graph/index.ts";
import {
  type Expression,
  expectGradient,
  expectRuntimeAgrees,
  expectSecondGradient,
  relativeError,
} from "../../graph/testing/checks.ts";
import { DEVIATION } from "../deviation-head.ts";
import { initialise, type ParameterLayout, splitFlat, viewWeights } from "../parameters.ts";
import { designPggan, type PgganArchitecture, pgganSizes } from "./architecture.ts";
import { judgeGrowing, pgganDiscriminatorLayout, scoreGrown } from "./discriminator.ts";
import { drawGrowing, pgganGeneratorLayout } from "./generator.ts";

const size = { ...pgganSizes.tiny, code: 3, generatorMaps: 2, discriminatorMaps: 2, widest: 3 };
const whole = designPggan(size, { resolution: 8, channels: 1, classes: 2 });
const fading: PgganArchitecture = { ...whole, fading: 0.25 };

/** Weights away from their zeros, flat. */
function movedWeights(layout: ParameterLayout, network: string): Float64Array {
  const rng = new Rng("moved", network);
  return Float64Array.from(initialise(layout, 1, network), (value) => value + 0.2 * rng.normal());
}

const normal = (length: number, stream: string): Float64Array =>
  new Rng(0, stream).fillNormal(new Float64Array(length));
const labels = [1, 0, 0, 1];

/** As the paper's table 2 has it, image by image and number by number. */
function drawn(weights: Record<string, Float32Array>, z: Float64Array, label: number): Float64Array {
  const { generatorWidths: widths, latent } = whole;
  const lrelu = (x: number) => (x < 0 ? 0.2 * x : x);
  const unit = (x: Float64Array, maps: number) => {
    const pixels = x.length / maps;
    return x.map((value, i) => {
      let sum = 0;
      for (let c = 0; c < maps; c++) sum += x[c * pixels + (i % pixels)]! ** 2;
      return value / Math.sqrt(sum / maps + 1e-8);
    });
  };
  const convolved = (x: Float64Array, name: string, [inputs, outputs, side, taps]: readonly number[]) => {
    const [w, b] = [weights[`${name}.weight`]!, weights[`${name}.bias`]!];
    const reach = (taps! - 1) / 2;
    return Float64Array.from({ length: outputs! * side! ** 2 }, (_, i) => {
      const [o, row, column] = [Math.floor(i / side! ** 2), Math.floor(i / side!) % side!, i % side!];
      let sum = b[o]!;
      for (let k = 0; k < inputs! * taps! ** 2; k++) {
        const [c, ky, kx] = [Math.floor(k / taps! ** 2), Math.floor(k / taps!) % taps!, k % taps!];
        const [y, u] = [row + ky - reach, column + kx - reach];
        if (y < 0 || u < 0 || y >= side! || u >= side!) continue;
        sum += w[o * inputs! * taps! ** 2 + k]! * x[(c * side! + y) * side! + u]!;
      }
      return sum;
    });
  };
  const doubled = (x: Float64Array, maps: number, side: number) => {
    const at = (c: number, y: number, u: number) => {
      const inside = (v: number) => Math.min(side - 1, Math.max(0, v));
      return x[(c * side + inside(y)) * side + inside(u)]!;
    };
    return Float64Array.from({ length: maps * 4 * side ** 2 }, (_, i) => {
      const [c, row, column] = [
        Math.floor(i / (4 * side ** 2)),
        Math.floor(i / (2 * side)) % (2 * side),
        i % (2 * side),
      ];
      const [y, u] = [(row - 0.5) / 2, (column - 0.5) / 2];
      const [top, left] = [Math.floor(y), Math.floor(u)];
      const [fy, fx] = [y - top, u - left];
      const above = (1 - fx) * at(c, top, left) + fx * at(c, top, left + 1);
      const below = (1 - fx) * at(c, top + 1, left) + fx * at(c, top + 1, left + 1);
      return (1 - fy) * above + fy * below;
    });
  };
  const [first, second] = [widths[0]!, widths[1]!];
  const seed = Float64Array.from({ length: first * 16 }, (_, o) => {
    let sum = weights["seed.bias"]![o]! + weights["label.weight"]![o * 2 + label]!;
    for (let i = 0; i < latent; i++) sum += weights["seed.weight"]![o * latent + i]! * z[i]!;
    return sum;
  });
  const layer = (x: Float64Array, name: string, [inputs, outputs, side]: readonly number[]) =>
    unit(convolved(x, name, [inputs!, outputs!, side!, 3]).map(lrelu), outputs!);
  let x = layer(unit(seed.map(lrelu), first), "stage0.second", [first, first, 4]);
  x = layer(doubled(x, first, 4), "stage1.first", [first, second, 8]);
  x = layer(x, "stage1.second", [second, second, 8]);
  return convolved(x, "image", [second, 1, 8, 1]);
}

test("the generator is the paper's, layer by layer", () => {
  const layout = pgganGeneratorLayout(whole);
  const g = movedWeights(layout, "generator");
  const z = normal(6, "z");
  const graph = drawGrowing(
    whole,
    viewWeights(layout, input("g", [layout.length])),
    input("z", [2, 3]),
    input("labels", [2, 2]),
  );
  const [found] = interpret([graph], { g, z, labels });
  const named = splitFlat(layout, Float32Array.from(g));
  for (const n of [0, 1]) {
    const expected = drawn(named, z.subarray(3 * n, 3 * n + 3), n);
    expect(relativeError(expected, found!.subarray(64 * n, 64 * n + 64))).toBeLessThan(1e-6);
  }
});

test.each([
  ["whole", whole],
  ["faded in", fading],
])("the generator, %s, has the gradient of central differences, and the runtime agrees", async (_, a) => {
  const layout = pgganGeneratorLayout(a);
  const expression: Expression = {
    shapes: [[layout.length], [2, 3], [2, 2]],
    build: ([g, z, y]) => drawGrowing(a, viewWeights(layout, mul(g!, 0.5)), z!, y!),
  };
  expectGradient(expression);
  await expectRuntimeAgrees(expression);
});

test.each([
  ["whole", whole],
  ["faded in", fading],
])("the discriminator, %s, has gradients of both orders, and the runtime agrees", async (_, a) => {
  const layout = pgganDiscriminatorLayout(a);
  const expression: Expression = {
    shapes: [[2, 1, 8, 8], [layout.length], [2, 2]],
    build: ([x, d, y]) => judgeGrowing(a, viewWeights(layout, mul(d!, 0.5)), x!, y!, 2).logits,
    wrt: [0],
  };
  // Of some seeds, differences cross the kink of a rectifier.
  expectSecondGradient(expression, 1);
  const all = { ...expression, wrt: [0, 1, 2] };
  expectGradient(all);
  await expectRuntimeAgrees(all);
});

test("what is said of an image depends on its batch, its score does not", () => {
  const layout = pgganDiscriminatorLayout(whole);
  const d = movedWeights(layout, "discriminator");
  const weights = viewWeights(layout, input("d", [layout.length]));
  const [images, oneHot] = [input("images", [2, 1, 8, 8]), input("labels", [2, 2])];
  const outputs = [
    judgeGrowing(whole, weights, images, oneHot, 2).logits,
    scoreGrown(whole, weights, images, oneHot).logits,
    weights[DEVIATION]!,
  ];
  const pixels = normal(128, "images");
  const at = (values: Float64Array) => interpret(outputs, { d, images: values, labels });
  const [judged, scored] = at(pixels);
  const [judgedAfter, scoredAfter] = at(pixels.map((value, i) => (i < 64 ? value : -2 * value)));
  expect(scoredAfter![0]).toBe(scored![0]);
  expect(judgedAfter![0]).not.toBeCloseTo(judged![0]!, 6);
  expect(scoredAfter![1]).not.toBeCloseTo(scored![1]!, 6);
});

test("no factor of a sample is moved above the deviation of the batch when losses share a pass back", () => {
  const layout = pgganDiscriminatorLayout(whole);
  const d = input("d", [layout.length]);
  const images = input("images", [2, 1, 8, 8]);
  const { logits } = judgeGrowing(whole, viewWeights(layout, d), images, input("labels", [2, 2]), 2);
  const shares = input("shares", [2]);
  const losses = [sumAll(softplus(logits)), sumAll(mul(softplus(mul(logits, -1)), shares))];
  const penalty = sumAll(square(gradient(sumAll(logits), [images])[0]!));
  const outputs = Object.fromEntries(
    [...losses, add(losses[0]!, penalty)].flatMap((loss, i) =>
      [images, d].map((t, k) => [`g${i}.${k}`, gradient(loss, [t])[0]!] as const),
    ),
  );
  const feeds = { d: movedWeights(layout, "discriminator"), images: normal(128, "images"), labels, shares: [0.5, -2] };
  const before = interpret(Object.values(outputs), feeds);
  const after = interpret(Object.values(shareBackward(outputs)), feeds);
  before.forEach((values, i) => {
    expect(relativeError(values, after[i]!)).toBeLessThan(1e-12);
  });
});
