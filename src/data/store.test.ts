import { readdir, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Progress } from "../core/progress.ts";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { readDataset } from "./dataset.ts";
import { readImage } from "./pixels.ts";
import { resizeSquare, toPlanes } from "./square.ts";
import { openPackedStore } from "./store.ts";
import { medmnist, npzBytes, pngOf, writeFiles } from "./testing/fixtures.ts";

const folder = await temporaryFolder();

/** Twelve colour images of odd sizes in two classes. */
async function images(name: string) {
  const files: Record<string, string | Uint8Array> = {};
  const rows = Array.from({ length: 12 }, (_, i) => `${i}.png,${i % 3 === 0 ? "mel" : "nv"}`);
  for (let i = 0; i < 12; i++) files[`${i}.png`] = await pngOf(i, 9 + i, 14 - i, 3);
  return writeFiles(join(folder, name), { ...files, "metadata.csv": `file_name,label\n${rows.join("\n")}\n` });
}

describe("packed store", () => {
  test("holds every image cropped, resized and in planes, with its class", async () => {
    const dataset = await readDataset(await images("a"));
    const seen: Progress[] = [];
    const store = await openPackedStore(dataset, {
      resolution: 8,
      folder: join(folder, "cache-a"),
      onProgress: (p) => seen.push({ ...p }),
    });
    expect(store).toMatchObject({ count: 12, resolution: 8, channels: 3, classes: ["mel", "nv"] });
    expect([...store.labels]).toEqual(dataset.samples.map((s) => (s.label === "mel" ? 0 : 1)));
    const order = [5, 0, 1, 2, 11, 5];
    const out = new Uint8Array(order.length * 192);
    store.readInto(order, out);
    for (const [place, index] of order.entries()) {
      const expected = new Uint8Array(192);
      toPlanes(await resizeSquare(await readImage(dataset, index), 8), expected);
      expect(out.subarray(place * 192, (place + 1) * 192)).toEqual(expected);
    }
    expect(seen.at(-1)).toMatchObject({ stage: "decode", done: 12, total: 12, unit: "images" });
    store.close();
    expect(() => store.readInto([0], new Uint8Array(192))).toThrow("a closed store is read");
  });

  test("is packed once, and again when a file, the size or the channels change or the packed file is damaged", async () => {
    const root = await images("b");
    const cache = join(folder, "cache-b");
    const packed = async (resolution = 8, channels?: 1 | 3) => {
      let decoded = 0;
      const options = { resolution, channels, folder: cache, onProgress: () => decoded++ };
      (await openPackedStore(await readDataset(root), options)).close();
      return decoded;
    };
    expect(await packed()).toBe(12);
    expect(await packed()).toBe(0);
    expect(await packed(4)).toBe(12);
    expect(await packed(8, 1)).toBe(12);
    await utimes(join(root, "3.png"), 1, 1);
    expect(await packed()).toBe(12);
    const names = (await readdir(cache)).filter((name) => name.startsWith("packed-8px") && name.endsWith(".u8"));
    for (const name of names) await truncate(join(cache, name), 100);
    expect(await packed()).toBe(12);
    expect(await packed()).toBe(0);
  });

  test("packs chosen samples in their order, grey on demand", async () => {
    const dataset = await readDataset(await images("c"));
    const store = await openPackedStore(dataset, {
      resolution: 4,
      channels: 1,
      folder: join(folder, "cache-c"),
      indices: [3, 1],
    });
    expect(store).toMatchObject({ count: 2, channels: 1 });
    expect([...store.labels]).toEqual([0, 1]);
    expect(() => store.readInto([2], new Uint8Array(16))).toThrow("image 2 of a store of 2");
    expect(() => store.readInto([0], new Uint8Array(15))).toThrow("need 16 bytes");
    store.close();
  });

  test("packs an npz", async () => {
    const root = await writeFiles(join(folder, "d"), { "x.npz": npzBytes(medmnist(3, 3)) });
    const store = await openPackedStore(await readDataset(join(root, "x.npz")), {
      resolution: 5,
      folder: join(root, "cache"),
    });
    expect(store).toMatchObject({ count: 9, channels: 3 });
    expect([...store.labels]).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    store.close();
  });

  test("lists every image that cannot be decoded and leaves no file behind", async () => {
    const root = await images("e");
    const dataset = await readDataset(root);
    const bytes = await pngOf(1, 30, 30);
    await writeFile(join(root, "3.png"), bytes.subarray(0, bytes.length >> 1));
    await writeFile(join(root, "7.png"), "no image");
    const cache = join(folder, "cache-e");
    const error = await failure(openPackedStore(dataset, { resolution: 8, channels: 3, folder: cache }));
    expect(error.code).toBe("dataset");
    expect(error.problems.map((p) => p.path)).toEqual(["3.png", "7.png"]);
    expect(await readdir(cache)).toEqual([]);
  });

  test("a stopped packing keeps nothing, old left-overs go, those of a packing under way stay", async () => {
    const dataset = await readDataset(await images("g"));
    const cache = join(folder, "cache-g");
    const stop = new AbortController();
    const options = { resolution: 8, channels: 3 as const, folder: cache };
    const stopped = openPackedStore(dataset, { ...options, onProgress: () => stop.abort(), signal: stop.signal });
    expect((await failure(stopped)).message).toContain("the decoding of images was stopped");
    expect(await readdir(cache)).toEqual([]);
    (await openPackedStore(dataset, options)).close();
    const [packed] = await readdir(cache);
    await writeFiles(cache, { [`${packed}.old.tmp`]: "x", [`${packed}.new.tmp`]: "x" });
    await utimes(join(cache, `${packed}.old.tmp`), 1, 1);
    await truncate(join(cache, packed!), 1);
    (await openPackedStore(dataset, options)).close();
    expect((await readdir(cache)).sort()).toEqual([packed, `${packed}.json`, `${packed}.new.tmp`]);
  });

  test("refuses a resolution out of range and a folder that cannot be made", async () => {
    const dataset = await readDataset(await images("f"));
    for (const resolution of [0, 1.5, 5000]) {
      expect((await failure(openPackedStore(dataset, { resolution, folder }))).message).toContain("from 1 to 4096");
    }
    await writeFile(join(folder, "file"), "");
    expect((await failure(openPackedStore(dataset, { resolution: 8, folder: join(folder, "file") }))).code).toBe(
      "files",
    );
    expect((await stat(join(folder, "file"))).size).toBe(0);
  });
});
