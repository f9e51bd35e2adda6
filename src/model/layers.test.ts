import { expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { input, interpret } from "../graph/index.ts";
import { upsampleBilinear } from "./layers.ts";

test("bilinear doubling reads between pixel centres, the border repeated", () => {
  const [height, width] = [3, 5];
  const x = new Rng("x").fillNormal(new Float64Array(2 * height * width));
  const [found] = interpret([upsampleBilinear(input("x", [1, 2, height, width]))], { x });
  expect(found!.length).toBe(4 * x.length);
  const clamped = (position: number, extent: number) => Math.min(extent - 1, Math.max(0, position));
  for (let i = 0; i < found!.length; i++) {
    const column = i % (2 * width);
    const row = Math.floor(i / (2 * width)) % (2 * height);
    const plane = Math.floor(i / (4 * width * height));
    const [v, u] = [clamped((row + 0.5) / 2 - 0.5, height), clamped((column + 0.5) / 2 - 0.5, width)];
    const [top, left] = [Math.floor(v), Math.floor(u)];
    let expected = 0;
    for (const [r, share] of [
      [top, 1 - (v - top)],
      [Math.min(top + 1, height - 1), v - top],
    ]) {
      const start = (plane * height + r!) * width;
      expected +=
        share! * ((1 - (u - left)) * x[start + left]! + (u - left) * x[start + Math.min(left + 1, width - 1)]!);
    }
    expect(found![i]).toBeCloseTo(expected, 12);
  }
});
