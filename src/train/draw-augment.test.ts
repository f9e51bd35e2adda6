import { describe, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { gradient, input, interpret, mul, sumAll } from "../graph/index.ts";
import { augment, augmentInputs } from "./augment-graph.ts";
import { type AugmentArrays, type AugmentOptions, allocateAugment, drawAugment } from "./draw-augment.ts";

const NONE: AugmentOptions = { rotate: false, flip: false, translate: 0, scale: 0, brightness: 0, contrast: 0 };
const ALL: AugmentOptions = { rotate: true, flip: true, translate: 0.2, scale: 0.3, brightness: 0.2, contrast: 0.4 };

function drawn(options: AugmentOptions, p: number, count: number, channels: 1 | 3, size: number, seed = 1) {
  const arrays = allocateAugment(count, channels, size);
  drawAugment(new Rng(seed, "augment"), arrays, p, options, { count, channels, size });
  return arrays;
}

const feedsOf = (arrays: AugmentArrays) =>
  Object.fromEntries(Object.entries(arrays).map(([name, data]) => [`a.${name}`, data as Float32Array]));

/** Images that the augmentation makes of `x` [count, channels, size, size], in the float64 interpreter. */
function applied(x: Float64Array, arrays: AugmentArrays, count: number, channels: 1 | 3, size: number): Float64Array {
  const images = input("x", [count, channels, size, size]);
  return interpret([augment(images, augmentInputs("a", count, channels, size))], { x, ...feedsOf(arrays) })[0]!;
}

const noise = (length: number) => new Rng("x").fillNormal(new Float64Array(length));

test("p = 0 leaves every image as it is, to the bit", () => {
  const x = noise(4 * 3 * 64);
  expect(Array.from(applied(x, drawn(ALL, 0, 4, 3, 8), 4, 3, 8))).toEqual(Array.from(x));
});

test("turns and flips are exact permutations: the eight symmetries of the square, and no other", () => {
  const size = 5;
  const x = Float64Array.from({ length: 25 }, (_, i) => i);
  const count = 400;
  const all = Float64Array.from({ length: 25 * count }, (_, i) => x[i % 25]!);
  const images = applied(all, drawn({ ...NONE, rotate: true, flip: true }, 1, count, 1, size), count, 1, size);
  /** The image turned a quarter `turns` times and mirrored. */
  const symmetry = (turns: number, mirror: boolean) => {
    let grid = [...x];
    const moved = (at: (row: number, column: number) => number) =>
      Array.from({ length: 25 }, (_, i) => grid[at(Math.floor(i / size), i % size)]!);
    for (let turn = 0; turn < turns; turn++) grid = moved((row, column) => (size - 1 - column) * size + row);
    if (mirror) grid = moved((row, column) => row * size + size - 1 - column);
    return grid.join();
  };
  const counts = new Map<string, number>();
  for (let n = 0; n < count; n++) {
    const key = images.subarray(n * 25, (n + 1) * 25).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const expected = [0, 1, 2, 3].flatMap((turns) => [symmetry(turns, false), symmetry(turns, true)]);
  expect([...counts.keys()].sort()).toEqual([...new Set(expected)].sort());
  // Evenly: 50 each, standard deviation 6.6.
  for (const n of counts.values()) expect(Math.abs(n - 50)).toBeLessThan(30);
});

/** What row and column say, read pixel by pixel: a position folded at the border, between its two neighbours. */
function direct(plane: Float64Array, size: number, at: (row: number, column: number) => [number, number]): number[] {
  const fold = (position: number) => {
    let folded = position;
    while (folded < 0 || folded > size - 1) folded = folded < 0 ? -folded : 2 * (size - 1) - folded;
    return folded;
  };
  return Array.from({ length: size * size }, (_, i) => {
    const [y, x] = at(Math.floor(i / size), i % size).map(fold);
    const [y0, x0] = [Math.floor(y!), Math.floor(x!)];
    const [y1, x1] = [Math.min(y0 + 1, size - 1), Math.min(x0 + 1, size - 1)];
    const pixel = (row: number, column: number) => plane[row * size + column]!;
    const top = (1 - (x! - x0)) * pixel(y0, x0) + (x! - x0) * pixel(y0, x1);
    const bottom = (1 - (x! - x0)) * pixel(y1, x0) + (x! - x0) * pixel(y1, x1);
    return (1 - (y! - y0)) * top + (y! - y0) * bottom;
  });
}

const closeTo = (found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) => {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) expect(Math.abs(found[i]! - expected[i]!)).toBeLessThan(tolerance);
};

test("translations interpolate between pixels and reflect at the border, up to the stated share", () => {
  const [size, share] = [6, 0.25];
  const x = noise(36);
  const shifts: number[] = [];
  for (let seed = 0; seed < 40; seed++) {
    const arrays = drawn({ ...NONE, translate: share }, 1, 1, 1, size, seed);
    // The drawn shift, from the same stream: two coins and two numbers, rows first.
    const rng = new Rng(seed, "augment");
    rng.uniform();
    const [down, right] = [rng.between(-share, share) * size, rng.between(-share, share) * size];
    shifts.push(down, right);
    const expected = direct(x, size, (row, column) => [row - down, column - right]);
    closeTo(applied(x, arrays, 1, 1, size), expected, 1e-6);
  }
  expect(Math.max(...shifts)).toBeGreaterThan(1);
  expect(Math.min(...shifts)).toBeLessThan(-1);
});

test("scaling keeps the centre and reads the neighbourhood that the factor says", () => {
  const size = 7;
  const x = noise(49);
  const rng = new Rng(3, "augment");
  rng.uniform();
  const zoom = 2 ** (0.5 * rng.normal());
  const found = applied(x, drawn({ ...NONE, scale: 0.5 }, 1, 1, 1, size, 3), 1, 1, size);
  closeTo(
    found,
    direct(x, size, (row, column) => [3 + (row - 3) / zoom, 3 + (column - 3) / zoom]),
    1e-6,
  );
  expect(found[24]).toBeCloseTo(x[24]!, 6);
});

describe("colour", () => {
  test("brightness adds one number to all channels, contrast multiplies about the middle grey", () => {
    const x = noise(2 * 3 * 16);
    const arrays = drawn({ ...NONE, brightness: 0.3 }, 1, 2, 3, 4);
    const bright = applied(x, arrays, 2, 3, 4);
    expect(arrays.offset[0]).not.toBe(0);
    closeTo(
      bright,
      x.map((v, i) => v + arrays.offset[3 * Math.floor(i / 48)]!),
      1e-6,
    );
    const grey = drawn({ ...NONE, contrast: 0.5 }, 1, 2, 1, 4);
    const half = x.subarray(0, 32);
    closeTo(
      applied(half, grey, 2, 1, 4),
      half.map((v, i) => v * grey.colour[Math.floor(i / 16)]!),
      1e-6,
    );
    expect(grey.colour.every((factor) => factor > 0 && factor !== 1)).toBe(true);
  });

  test("saturation keeps the luma and leaves grey pixels grey", () => {
    const arrays = drawn({ ...NONE, contrast: 0.7 }, 1, 1, 3, 4, 2);
    const contrast = [0, 1, 2].map((j) =>
      [0, 1, 2].reduce((sum, i) => sum + [0.2126, 0.7152, 0.0722][i]! * arrays.colour[3 * i + j]!, 0),
    );
    // Luma weights times the matrix are the luma weights times the contrast.
    const factors = contrast.map((w, j) => w / [0.2126, 0.7152, 0.0722][j]!);
    expect(factors[1]).toBeCloseTo(factors[0]!, 5);
    expect(factors[2]).toBeCloseTo(factors[0]!, 5);
    for (let i = 0; i < 3; i++) {
      const row = arrays.colour[3 * i]! + arrays.colour[3 * i + 1]! + arrays.colour[3 * i + 2]!;
      expect(row).toBeCloseTo(factors[0]!, 5);
    }
    expect(arrays.colour[1]).not.toBeCloseTo(0, 3);
  });
});

test("each transform happens with probability p", () => {
  const count = 4000;
  const arrays = drawn({ ...NONE, brightness: 1 }, 0.3, count, 1, 4);
  const changed = arrays.offset.filter((offset) => offset !== 0).length;
  // Four standard deviations of a binomial count.
  expect(Math.abs(changed - 0.3 * count)).toBeLessThan(4 * Math.sqrt(0.21 * count));
});

test("the gradient of the augmentation is its adjoint: <augment(x), y> moves with x as central differences say", () => {
  const [count, size] = [3, 4];
  const arrays = drawn({ ...ALL }, 0.8, count, 3, size, 5);
  const [x, y] = [noise(count * 48), new Rng("y").fillNormal(new Float64Array(count * 48))];
  const images = input("x", [count, 3, size, size]);
  const loss = sumAll(mul(augment(images, augmentInputs("a", count, 3, size)), input("y", [count, 3, size, size])));
  const feeds = { x, y, ...feedsOf(arrays) };
  const [g] = interpret(gradient(loss, [images]), feeds);
  const at = (i: number, value: number) => interpret([loss], { ...feeds, x: x.with(i, value) })[0]![0]!;
  for (let i = 0; i < x.length; i += 5) {
    expect(g![i]).toBeCloseTo((at(i, x[i]! + 1e-3) - at(i, x[i]! - 1e-3)) / 2e-3, 6);
  }
});
