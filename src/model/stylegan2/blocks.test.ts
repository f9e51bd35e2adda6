import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { flopsOf, input, interpret, sizeOf, topologicalOrder } from "../../graph/index.ts";
import {
  type Expression,
  expectGradient,
  expectRuntimeAgrees,
  expectSecondGradient,
  relativeError,
} from "../../graph/testing/checks.ts";
import { initialise, viewWeights } from "../parameters.ts";
import { designStylegan2, stylegan2Sizes } from "./architecture.ts";
import { halved, judgeImages, scoreAlone, stylegan2DiscriminatorLayout } from "./discriminator.ts";
import { modulated } from "./modulated-convolution.ts";

const normal = (length: number, stream: string): Float64Array =>
  new Rng(0, stream).fillNormal(new Float64Array(length));

/** Cross-correlation of one image [C, S, S] with kernels [O, C, K, K], zeros around. */
function correlate(x: Float64Array, w: Float64Array, [O, C, K, S]: readonly [number, number, number, number]) {
  const pad = (K - 1) / 2;
  const out = new Float64Array(O * S * S);
  for (let o = 0; o < O; o++) {
    for (let i = 0; i < S * S; i++) {
      for (let k = 0; k < C * K * K; k++) {
        const [c, ky, kx] = [Math.floor(k / K / K), Math.floor(k / K) % K, k % K];
        const [row, column] = [Math.floor(i / S) + ky - pad, (i % S) + kx - pad];
        if (row < 0 || column < 0 || row >= S || column >= S) continue;
        out[o * S * S + i]! += x[(c * S + row) * S + column]! * w[o * C * K * K + k]!;
      }
    }
  }
  return out;
}

describe("modulated convolution", () => {
  test("equals a convolution with a kernel of its own for each image, modulated and demodulated", () => {
    const [N, C, O, K, S] = [3, 4, 5, 3, 6];
    const [w, x, s] = [normal(O * C * K * K, "w"), normal(N * C * S * S, "x"), normal(N * C, "s")];
    const graph = (demodulate: boolean) =>
      modulated(input("w", [O, C, K, K]), input("x", [N, C, S, S]), input("s", [N, C]), { demodulate });
    const [demodulated, plain] = interpret([graph(true), graph(false)], { w, x, s });
    for (let n = 0; n < N; n++) {
      const own = w.map((value, i) => value * s[n * C + (Math.floor(i / (K * K)) % C)]!);
      const unit = own.slice();
      for (let o = 0; o < O; o++) {
        const kernel = own.subarray(o * C * K * K, (o + 1) * C * K * K);
        const length = Math.sqrt(kernel.reduce((sum, value) => sum + value * value, 1e-8));
        unit.set(
          kernel.map((value) => value / length),
          o * C * K * K,
        );
      }
      const image = x.subarray(n * C * S * S, (n + 1) * C * S * S);
      const part = (all: Float64Array) => all.subarray(n * O * S * S, (n + 1) * O * S * S);
      expect(relativeError(correlate(image, unit, [O, C, K, S]), part(demodulated!))).toBeLessThan(1e-12);
      expect(relativeError(correlate(image, own, [O, C, K, S]), part(plain!))).toBeLessThan(1e-12);
    }
  });

  const expression: Expression = {
    shapes: [
      [2, 3, 3, 3],
      [2, 3, 4, 4],
      [2, 3],
    ],
    build: ([w, x, s]) => modulated(w!, x!, s!, { demodulate: true }),
  };
  test("has the gradient and the second gradient of central differences, and the runtime agrees", async () => {
    expectGradient(expression);
    expectSecondGradient(expression);
    await expectRuntimeAgrees(expression);
  });
});

describe("halving", () => {
  test.each([3, 1])("a kernel of %i equals the filter, then the convolution with stride 2", (K) => {
    const [C, O, S] = [2, 3, 8];
    const [x, w] = [normal(C * S * S, "x"), normal(O * C * K * K, "w")];
    const [found] = interpret([halved(input("x", [1, C, S, S]), input("w", [O, C, K, K]))], { x, w });
    const taps = [1 / 8, 3 / 8, 3 / 8, 1 / 8];
    // Filtered maps between the pixels, as far as any tap of the kernel reaches.
    const at = (c: number, row: number, column: number): number => {
      let sum = 0;
      for (let i = 0; i < 16; i++) {
        const [y, z] = [row + Math.floor(i / 4), column + (i % 4)];
        const inside = y >= 0 && z >= 0 && y < S && z < S;
        if (inside) sum += taps[Math.floor(i / 4)]! * taps[i % 4]! * x[(c * S + y) * S + z]!;
      }
      return sum;
    };
    const start = K === 3 ? -2 : -1;
    const expected = Float64Array.from({ length: O * 16 }, (_, i) => {
      const [o, row, column] = [Math.floor(i / 16), Math.floor(i / 4) % 4, i % 4];
      let sum = 0;
      for (let k = 0; k < C * K * K; k++) {
        const [c, ky, kx] = [Math.floor(k / K / K), Math.floor(k / K) % K, k % K];
        sum += w[o * C * K * K + k]! * at(c, 2 * row + ky + start, 2 * column + kx + start);
      }
      return sum;
    });
    expect(relativeError(expected, found!)).toBeLessThan(1e-12);
  });

  test("convolves with the kernel's own taps: a filtered kernel would have more", () => {
    for (const K of [3, 1]) {
      const [x, w] = [input("x", [1, 16, 8, 8]), input("w", [32, 16, K, K])];
      const y = halved(x, w);
      const filtering = 2 * 16 * 16 * 81;
      const work = topologicalOrder([y]).reduce((sum, node) => sum + flopsOf(node), 0);
      expect(work).toBeLessThanOrEqual(2 * sizeOf(y.shape) * 16 * K * K + filtering);
    }
  });

  test("has gradients of both orders, and the runtime agrees", async () => {
    for (const kernel of [3, 1]) {
      const expression: Expression = {
        shapes: [
          [2, 2, 4, 4],
          [2, 2, kernel, kernel],
        ],
        build: ([x, w]) => halved(x!, w!),
      };
      expectGradient(expression);
      expectSecondGradient(expression);
      await expectRuntimeAgrees(expression);
    }
  });
});

test("a score is of its image alone, the logit in a batch is not", () => {
  const a = designStylegan2(
    { ...stylegan2Sizes.tiny, discriminatorMaps: 4 },
    { resolution: 8, channels: 1, classes: 2 },
  );
  const layout = stylegan2DiscriminatorLayout(a);
  const d = initialise(layout, 1, "discriminator");
  const weights = viewWeights(layout, input("d", [layout.length]));
  const [images, labels] = [input("images", [4, 1, 8, 8]), input("labels", [4, 2])];
  const outputs = [judgeImages(a, weights, images, labels).logits, scoreAlone(a, weights, images, labels).logits];
  const pixels = normal(256, "images");
  const feeds = (images: Float64Array) => ({ d, images, labels: [1, 0, 0, 1, 1, 0, 0, 1] });
  const [judged, scored] = interpret(outputs, feeds(pixels));
  const [judgedAfter, scoredAfter] = interpret(outputs, feeds(pixels.map((value, i) => (i < 64 ? value : -2 * value))));
  expect(scoredAfter![0]).toBe(scored![0]);
  expect(judgedAfter![0]).not.toBeCloseTo(judged![0]!, 6);
  expect(scoredAfter![1]).not.toBeCloseTo(scored![1]!, 6);
});
