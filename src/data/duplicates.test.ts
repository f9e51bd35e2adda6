import sharp from "sharp";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Rng } from "../core/rng.ts";
import { phantomPlan } from "../phantom/plan.ts";
import { renderPhantom } from "../phantom/render.ts";
import { findDuplicates, type ImageFingerprint, imageFingerprint, type NearDuplicate } from "./duplicates.ts";
import { HashIndex } from "./hash-index.ts";
import { decodeImage } from "./image.ts";
import { bitCount, detail, hashDistance, luminanceThumbnail, perceptualHash } from "./perceptual-hash.ts";
import { resizeSquare } from "./square.ts";
import type { RawImage } from "./types.ts";

const pictures = phantomPlan(120, 8).map((spec) => renderPhantom(spec, 96).image);

function mapped(image: RawImage, change: (value: number, channel: number) => number): RawImage {
  return {
    ...image,
    data: Uint8Array.from(image.data, (value, p) => Math.min(255, Math.max(0, change(value, p % 3)))),
  };
}

async function asJpeg(image: RawImage, quality: number): Promise<RawImage> {
  const { width, height, channels } = image;
  return decodeImage(await sharp(image.data, { raw: { width, height, channels } }).jpeg({ quality }).toBuffer());
}

/** Correlation of two details, -1..1, by all their products. */
function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let p = 0; p < a.length; p++) sum += a[p]! * b[p]!;
  return sum;
}

describe("perceptual hash", () => {
  test("thumbnail is the mean over equal areas, also where pixels are divided", () => {
    const image: RawImage = { width: 3, height: 2, channels: 1, data: Uint8Array.of(0, 60, 120, 30, 90, 150) };
    expect([...luminanceThumbnail(image, 2)]).toEqual([20, 100, 50, 130]);
    expect(luminanceThumbnail(image, 1)[0]).toBeCloseTo(75, 4);
    expect([...luminanceThumbnail(image, 6).slice(0, 6)]).toEqual([0, 0, 60, 60, 120, 120]);
    const colour: RawImage = { width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0) };
    expect(luminanceThumbnail(colour, 1)[0]).toBeCloseTo(0.299 * 255, 3);
  });

  test("counts bits", () => {
    expect([0, 1, 0xffffffff, 0x80000001, 0x55555555].map(bitCount)).toEqual([0, 1, 32, 2, 16]);
    expect(hashDistance([0xffffffff, 0], [0, 1])).toBe(33);
  });

  test("has half its bits set and ignores brightness and contrast", () => {
    const thumbnail = luminanceThumbnail(pictures[0]!, 32);
    const hash = perceptualHash(thumbnail);
    expect(bitCount(hash[0]) + bitCount(hash[1])).toBe(32);
    expect(perceptualHash(thumbnail.map((value) => 0.5 * value + 20))).toEqual(hash);
  });

  test("detail has length 1, ignores brightness and contrast, and is zero for a flat picture", () => {
    const thumbnail = luminanceThumbnail(pictures[0]!, 32);
    expect(dot(detail(thumbnail), detail(thumbnail))).toBeCloseTo(1, 5);
    expect(dot(detail(thumbnail), detail(thumbnail.map((value) => 0.5 * value + 20)))).toBeCloseTo(1, 4);
    expect(detail(new Float32Array(1024).fill(7)).every((value) => value === 0)).toBe(true);
  });
});

describe("findDuplicates", () => {
  test("finds none among different lesions", async () => {
    expect(await findDuplicates(pictures.map(imageFingerprint))).toEqual({ exact: [], near: [], nearCount: 0 });
  });

  test("finds exact copies as groups and compares one of each group", async () => {
    const rng = new Rng(1);
    const images = [...pictures.slice(0, 5), pictures[1]!, pictures[3]!, pictures[1]!];
    const other = mapped(pictures[3]!, (value) => value + (rng.uniform() < 0.01 ? 1 : 0));
    const found = await findDuplicates([...images, other].map(imageFingerprint));
    expect(found.exact).toEqual([
      [1, 5, 7],
      [3, 6],
    ]);
    expect(found.near.map(({ first, second }) => [first, second])).toEqual([[3, 8]]);
  });

  test("same bytes in another shape are no copy", async () => {
    const data = Uint8Array.from({ length: 64 }, (_, n) => n);
    const images: RawImage[] = [
      { width: 8, height: 8, channels: 1, data },
      { width: 16, height: 4, channels: 1, data },
    ];
    expect((await findDuplicates(images.map(imageFingerprint))).exact).toEqual([]);
  });

  test("finds a picture again after JPEG, another size, other light and other colours", async () => {
    const changes: Record<string, (image: RawImage) => RawImage | Promise<RawImage>> = {
      jpeg: (image) => asJpeg(image, 60),
      smaller: (image) => resizeSquare(image, 64),
      darker: (image) => mapped(image, (value) => 0.8 * value),
      colours: (image) => mapped(image, (value, channel) => value * [1.05, 0.9, 0.8][channel]!),
    };
    for (const [name, change] of Object.entries(changes)) {
      const changed = await Promise.all(pictures.map(change));
      const found = await findDuplicates([...pictures, ...changed].map(imageFingerprint));
      const right = found.near.filter(({ first, second }) => second === first + pictures.length).length;
      // Every pair found is right, and nearly every copy is found.
      expect([name, found.near.length - right]).toEqual([name, 0]);
      expect(right / pictures.length, name).toBeGreaterThan(0.95);
    }
  });

  test("counts pairs that it does not keep", async () => {
    const noisy = Array.from({ length: 6 }, (_, n) =>
      mapped(pictures[0]!, (value) => value + (n & 1) * (value & 1) + n),
    );
    const found = await findDuplicates(noisy.map(imageFingerprint), { maxPairs: 4 });
    expect([found.near.length, found.nearCount]).toEqual([4, 15]);
  });

  /** Fingerprints of random pictures in families, whose hashes are a few bits apart. */
  function families(count: number, size: number): ImageFingerprint[] {
    const rng = new Rng(7, "families");
    const thumbnails: Float32Array[] = [];
    for (let n = 0; n < count; n++) {
      const parent = Float32Array.from({ length: 1024 }, () => 255 * rng.uniform());
      for (let k = 0; k < size; k++) thumbnails.push(parent.map((value) => value + 60 * k * (rng.uniform() - 0.5)));
    }
    return thumbnails.map((thumbnail, i) => ({
      pixels: String(i),
      thumbnail,
      hash: perceptualHash(thumbnail),
    }));
  }

  /** A clock by which every look is 60 ms after the one before, on whatever processor. */
  function slowClock() {
    let clock = 0;
    vi.spyOn(performance, "now").mockImplementation(() => {
      clock += 60;
      return clock;
    });
  }
  afterEach(() => vi.restoreAllMocks());

  test("finds the very pairs and figures that comparing each with each finds", async () => {
    const images = families(500, 4);
    const pairs: NearDuplicate[] = [];
    for (const [first, a] of images.entries()) {
      for (let second = first + 1; second < images.length; second++) {
        const distance = hashDistance(a.hash, images[second]!.hash);
        if (distance > 10) continue;
        const correlation = dot(detail(a.thumbnail), detail(images[second]!.thumbnail));
        if (correlation >= 0.62) pairs.push({ first, second, distance, correlation });
      }
    }
    pairs.sort((a, b) => b.correlation - a.correlation || a.first - b.first || a.second - b.second);
    expect(pairs.length).toBeGreaterThan(500);
    slowClock();
    const reports: number[] = [];
    const found = await findDuplicates(images, { onProgress: ({ done }) => reports.push(done) });
    expect(found.near).toEqual(pairs);
    expect(reports.at(-1)).toBe(images.length);
  });

  test("gives way while it compares, so that a signal is served", async () => {
    const images = families(300, 10);
    slowClock();
    let turns = 0;
    let next = setImmediate(function turn() {
      turns++;
      next = setImmediate(turn);
    });
    await findDuplicates(images);
    clearImmediate(next);
    expect(turns).toBeGreaterThan(images.length / 2);
  });
});

describe("HashIndex", () => {
  test("finds what comparing with all finds, whatever the distance asked for", () => {
    const rng = new Rng(3, "hashes");
    const hashes = new Uint32Array(2 * 1200).map(() => rng.uint32());
    // Every other one is a few bits away from its neighbour.
    for (let i = 1; i < 1200; i += 2) {
      hashes.set([hashes[2 * i - 2]!, hashes[2 * i - 1]!], 2 * i);
      for (let bit = 0; bit < i % 16; bit++) hashes[2 * i + rng.integer(2)]! ^= 1 << rng.integer(32);
    }
    const hashOf = (i: number) => [hashes[2 * i]!, hashes[2 * i + 1]!] as const;
    for (const most of [0, 3, 4, 10, 11, 30]) {
      const index = new HashIndex(hashes, most);
      for (let i = 0; i < 1200; i++) {
        const wanted: number[] = [];
        for (let j = i + 1; j < 1200; j++) if (hashDistance(hashOf(i), hashOf(j)) <= most) wanted.push(j);
        expect(index.after(i)).toEqual(wanted);
      }
    }
  });
});
