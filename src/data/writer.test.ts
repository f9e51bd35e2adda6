import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { readDataset } from "./dataset.ts";
import { encodePng } from "./image.ts";
import { readImage, readMask } from "./pixels.ts";
import { noise, noiseMask, pngOf } from "./testing/fixtures.ts";
import { holdsSplitWord, type OutputRow, writeDataset } from "./writer.ts";

const folder = await temporaryFolder();
const rows: OutputRow[] = [
  { fileName: "images/1.png", image: noise(1, 6, 4, 3), columns: { label: 'a,"b"', seed: 7 } },
  {
    fileName: "images/2.png",
    image: await pngOf(2, 6, 4, 1),
    mask: { fileName: "masks/2.png", image: noiseMask(3, 6, 4) },
    columns: { label: "c", note: "line\nbreak" },
  },
];

describe("writeDataset", () => {
  test("writes what readDataset reads back: pixels, masks, labels, columns, further files", async () => {
    const out = join(folder, "set");
    let consumed = false;
    async function* lazily() {
      yield* rows;
      consumed = true;
    }
    const written = await writeDataset(out, {
      rows: lazily(),
      description: { label: "label", license: "CC0-1.0" },
      extraFiles: { "provenance.jsonl": () => (consumed ? ["{}\n", "{}\n"] : "too early"), "NOTES.txt": "x" },
    });
    expect(written).toEqual({
      folder: out,
      images: 2,
      masks: 1,
      columns: ["file_name", "mask", "label", "seed", "note"],
    });
    expect((await readdir(out)).sort()).toEqual([
      "NOTES.txt",
      "dataset.json",
      "images",
      "masks",
      "metadata.csv",
      "provenance.jsonl",
    ]);
    expect(await readFile(join(out, "metadata.csv"), "utf8")).toBe(
      'file_name,mask,label,seed,note\nimages/1.png,,"a,""b""",7,\nimages/2.png,masks/2.png,c,,"line\nbreak"\n',
    );
    expect(await readFile(join(out, "provenance.jsonl"), "utf8")).toBe("{}\n{}\n");
    const dataset = await readDataset(out);
    expect(dataset).toMatchObject({
      classes: ['a,"b"', "c"],
      license: "CC0-1.0",
      notes: [],
      columns: { mask: "mask" },
    });
    expect(await readImage(dataset, 0)).toEqual(rows[0]!.image);
    expect(await readMask(dataset, 0)).toBeNull();
    expect(await readMask(dataset, 1)).toEqual(noiseMask(3, 6, 4));
  });

  test("an existing folder is used when empty and refused when not, before any row is asked for", async () => {
    const out = join(folder, "there");
    await mkdir(out);
    await writeDataset(out, { rows, description: {} });
    function* asked(): Generator<OutputRow> {
      yield* rows;
      throw new Error("asked");
    }
    const error = await failure(writeDataset(out, { rows: asked(), description: {} }));
    expect(error.code).toBe("files");
    expect(error.message).toMatch(/there exists and is not empty .* choose another folder/);
  });

  test("whatever fails, nothing is left behind", async () => {
    const parent = join(folder, "parent");
    await mkdir(parent);
    const out = join(parent, "out");
    const write = (...bad: OutputRow[]) => failure(writeDataset(out, { rows: [...rows, ...bad], description: {} }));
    const image = noise(1, 2, 2, 1);
    expect((await write({ fileName: "../x.png", image, columns: {} })).message).toContain("[path-outside]");
    expect((await write({ fileName: "images/1.png", image, columns: {} })).message).toContain("[duplicate-file]");
    expect((await write({ fileName: "images/3.jpg", image, columns: {} })).message).toContain("[image-format]");
    expect((await write({ fileName: "images/3.png", image: new Uint8Array(9), columns: {} })).message).toContain(
      "neither PNG",
    );
    expect((await write({ fileName: "images/train-3.png", image, columns: {} })).message).toContain("[split-word]");
    const rejected = writeDataset(out, { rows: [{ ...rows[0]!, image: { ...image, width: 9 } }], description: {} });
    await expect(rejected).rejects.toThrow("internal: 9x2x1 image with 4 bytes");
    async function* broken() {
      yield* rows;
      throw new Error("the generator broke");
    }
    await expect(writeDataset(out, { rows: broken(), description: {} })).rejects.toThrow("the generator broke");
    expect((await failure(writeDataset(out, { rows: [], description: {} }))).message).toContain(
      "no image is to be written",
    );
    expect((await failure(writeDataset(out, { rows, description: { label: "dx" } }))).message).toContain(
      "no row has the column dx",
    );
    const outside = { rows, description: {}, extraFiles: { "../x": "" } };
    expect((await failure(writeDataset(out, outside))).message).toContain("[path-outside]");
    expect(await readdir(parent)).toEqual([]);
    await writeFile(join(parent, "file"), "");
    expect((await failure(writeDataset(join(parent, "file", "out"), { rows, description: {} }))).code).toBe("files");
  });

  test("columns that loaders would decode as images are refused, and the mask column is one only without gaps", async () => {
    const image = noise(1, 2, 2, 1);
    const row = { fileName: "a.png", image, columns: { raw_file_name: "x" } };
    const error = await failure(writeDataset(join(folder, "columns"), { rows: [row], description: {} }));
    expect(error.message).toContain("column raw_file_name would be read as images; call it otherwise");
    const extra = { rows, description: {}, extraFiles: { "train.log": "" } };
    expect((await failure(writeDataset(join(folder, "columns"), extra))).message).toContain("[split-word]");
    const full = { fileName: "a.png", image, mask: { fileName: "m.png", image }, columns: {} };
    const written = await writeDataset(join(folder, "columns"), { rows: [full], description: {} });
    expect(written.columns).toEqual(["file_name", "mask_file_name"]);
  });

  test("split words are those that imagefolder loaders look for, alone in a path", () => {
    for (const name of [
      "train/1.png",
      "images/test_1.png",
      "a-val.png",
      "x.dev.png",
      "Valid.png",
      "images/1eval2.png",
    ]) {
      expect(holdsSplitWord(name), name).toBe(true);
    }
    for (const name of ["images/1.png", "retrained.png", "contest/1.png", "values-1.png"]) {
      expect(holdsSplitWord(name), name).toBe(false);
    }
  });

  test("equal images give equal files", async () => {
    expect(Buffer.compare(await encodePng(noise(1, 6, 4, 3)), await readFile(join(folder, "set/images/1.png")))).toBe(
      0,
    );
  });
});
