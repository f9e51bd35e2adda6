import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { readDataset } from "../dataset.ts";
import type { Dataset } from "../types.ts";
import { THREADED_FROM } from "./print-threads.ts";
import { type ReadPrints, readPrints } from "./read-prints.ts";

const COUNT = THREADED_FROM + 40;
const folder = mkdtempSync(join(tmpdir(), "ganglion-prints-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Image i: PNG and JPEG, colour, 8 and 16 bits of grey; a damaged one now and then. */
async function bytesOf(i: number): Promise<Uint8Array> {
  const rng = new Rng("prints", i);
  const kind = i % 4;
  if (kind === 3) {
    const wide = Uint16Array.from({ length: 12 * 10 }, () => rng.integer(4000));
    const image = sharp(wide, { raw: { width: 12, height: 10, channels: 1 } });
    return image.toColourspace("grey16").png().toBuffer();
  }
  const channels = kind === 2 ? 1 : 3;
  const data = Uint8Array.from({ length: 12 * 10 * channels }, () => (i % 50 === 0 ? 9 : rng.integer(256)));
  const image = sharp(data, { raw: { width: 12, height: 10, channels } }).toColourspace(
    channels === 1 ? "b-w" : "srgb",
  );
  return kind === 0 ? image.jpeg().toBuffer() : image.png().toBuffer();
}

let dataset: Dataset;
beforeAll(async () => {
  await mkdir(join(folder, "a"));
  for (let i = 0; i < COUNT; i++) {
    const bytes = await bytesOf(i);
    const name = `a/${String(i).padStart(4, "0")}${i % 4 === 0 ? ".jpg" : ".png"}`;
    await writeFile(join(folder, name), i % 150 === 77 ? bytes.subarray(0, bytes.length - 30) : bytes);
  }
  symlinkSync(join(folder, "a", "0005.png"), join(folder, "a", "linked.png"));
  dataset = await readDataset(folder);
});

async function read(
  threads: boolean,
  withParts = true,
): Promise<ReadPrints & { readonly done: number[]; readonly sizes: string[] }> {
  const done: number[] = [];
  const sizes: string[] = new Array(dataset.samples.length);
  const found = await readPrints(dataset, {
    stage: "test",
    withParts,
    onProgress: (progress) => done.push(progress.done),
    onPrint: ({ width, height, channels }, index) => {
      sizes[index] = `${width}x${height}x${channels}`;
    },
    ...(threads ? {} : { also: async () => undefined }),
  });
  return { ...found, done, sizes };
}

test("threads find what this thread finds: prints, damage, sizes, progress", async () => {
  const [one, many] = [await read(false), await read(true)];
  try {
    expect(dataset.samples).toHaveLength(COUNT + 1);
    // What the library says of a damage depends on what else it decodes just then.
    const kinds = ({ problems }: ReadPrints) => problems.map(({ code, path }) => [code, path]);
    expect(kinds(many)).toEqual(kinds(one));
    expect(many.problems.map(({ path }) => path)).toEqual(["a/0077.png", "a/0227.png", "a/0377.png"]);
    expect(many.sizes).toEqual(one.sizes);
    expect(many.done).toEqual(Array.from({ length: COUNT + 1 }, (_, i) => i + 1));
    for (let i = 0; i < one.prints.length; i++) {
      expect(many.prints.has(i)).toBe(one.prints.has(i));
      expect(many.prints.isFlat(i)).toBe(one.prints.isFlat(i));
      expect(many.prints.pixels(i)).toBe(one.prints.pixels(i));
      expect(many.prints.hash(i)).toEqual(one.prints.hash(i));
      expect(many.prints.structured(i)).toBe(one.prints.structured(i));
      for (const position of [0, 1, 21]) expect(many.prints.part(i, position)).toEqual(one.prints.part(i, position));
      if (one.prints.has(i)) expect(many.prints.thumbnail(i)).toEqual(one.prints.thumbnail(i));
    }
    expect(one.prints.isFlat(50)).toBe(true);
    // The linked one is the same picture.
    expect(many.prints.pixels(COUNT)).toBe(many.prints.pixels(5));
  } finally {
    one.prints.close();
    many.prints.close();
  }
});

test("prints without parts are the same but for those, and are not searched for parts", async () => {
  const whole = await read(true);
  for (const threads of [false, true]) {
    const found = await read(threads, false);
    try {
      for (let i = 0; i < whole.prints.length; i++) {
        expect(found.prints.has(i)).toBe(whole.prints.has(i));
        expect(found.prints.isFlat(i)).toBe(whole.prints.isFlat(i));
        expect(found.prints.pixels(i)).toBe(whole.prints.pixels(i));
        expect(found.prints.hash(i)).toEqual(whole.prints.hash(i));
        if (whole.prints.has(i)) expect(found.prints.thumbnail(i)).toEqual(whole.prints.thumbnail(i));
      }
      expect(found.sizes).toEqual(whole.sizes);
      expect(() => found.prints.structures).toThrow("internal: prints without parts");
    } finally {
      found.prints.close();
    }
  }
  whole.prints.close();
});
