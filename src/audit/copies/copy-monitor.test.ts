import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { drawLesion } from "../../features/testing/lesions.ts";
import { type MemoryImage, memorySets } from "../testing/memory-sets.ts";
import { copyMonitor } from "./copy-monitor.ts";

const drawn = (seed: number, n: number): MemoryImage[] =>
  Array.from({ length: n }, (_, i) => ({ image: drawLesion("dark", new Rng(seed, i)), label: "dark" }));
const train = drawn(1, 60);

/** Other grey levels, as a generator would draw a training image that it remembers. */
const altered = ({ image, label }: MemoryImage, i: number): MemoryImage => {
  const rng = new Rng(9, i);
  const data = image.data.map((level) => Math.max(0, Math.min(255, 0.95 * level + 8 + rng.between(-3, 3))));
  return { image: { ...image, data }, label };
};

const mirrored = ({ image, label }: MemoryImage): MemoryImage => {
  const { width, height, channels, data } = image;
  const out = data.map((_, at) => {
    const [pixel, c] = [Math.floor(at / channels), at % channels];
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    return data[(y * width + width - 1 - x) * channels + c]!;
  });
  return { image: { width, height, channels, data: out }, label };
};

async function found(synthetic: MemoryImage[]) {
  const sets = memorySets({ train, holdout: train.slice(0, 2), synthetic });
  const monitor = await copyMonitor({ store: sets.train.store });
  const bytes = new Uint8Array(synthetic.length * 3 * 24 * 24);
  sets.synthetic.store.readInto([...synthetic.keys()], bytes);
  const count = await monitor.count(bytes);
  await monitor.close();
  return count;
}

describe("a run is seen to copy", () => {
  test("by images that it remembers, altered or mirrored", async () => {
    expect(await found(train.slice(0, 20).map(altered))).toEqual({ found: 20, of: 20 });
    expect(await found(train.slice(0, 10).map(mirrored))).toEqual({ found: 10, of: 10 });
    expect(await found([...train.slice(0, 5), ...drawn(2, 15)])).toEqual({ found: 5, of: 20 });
  });

  test("and not by others of the same kind", async () => {
    expect(await found(drawn(3, 64))).toEqual({ found: 0, of: 64 });
  });

  test("by 64 of them at most, from all over the list", async () => {
    const many = [...drawn(4, 96), ...train.slice(0, 32).map(altered)];
    expect(await found(many)).toEqual({ found: 16, of: 64 });
  });
});
