import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../dataset.ts";
import { imageChannels, readImage } from "../pixels.ts";
import { medmnist, noise, npyBytes, npzBytes } from "../testing/fixtures.ts";
import { openZip } from "./zip.ts";

const folder = await temporaryFolder();
let written = 0;

async function npz(files: Record<string, Uint8Array> | Uint8Array): Promise<string> {
  const path = join(folder, `${written++}.npz`);
  await writeFile(path, files instanceof Uint8Array ? files : npzBytes(files));
  return path;
}

describe("npz in the MedMNIST layout", () => {
  test.each([
    ["deflated", 6 as const],
    ["stored", 0 as const],
  ])("grey images, labels and splits, %s", async (_, level) => {
    const dataset = await readDataset(await npz(npzBytes(medmnist(4, 1), level)));
    expect(dataset).toMatchObject({
      reader: { name: "npz" },
      classes: ["0", "1", "2"],
      columns: { label: "label", split: "split" },
    });
    expect(dataset.samples.map((s) => s.fileName)).toEqual(
      ["train", "val", "test"].flatMap((split) => [0, 1, 2, 3].map((row) => `${split}/${row}`)),
    );
    expect(dataset.samples[5]).toEqual({ fileName: "val/1", label: "1", split: "val", attributes: {} });
    expect(await imageChannels(dataset)).toBe(1);
    const image = await readImage(dataset, 6);
    expect(image).toMatchObject({ width: 5, height: 6, channels: 1 });
    expect([...image.data]).toEqual([...noise(1, 5, 24, 1).data.subarray(60, 90)]);
  });

  test("colour images, and labels as text", async () => {
    const files = medmnist(2, 3);
    files["train_labels.npy"] = npyBytes("<U2", [2], Uint32Array.of(110, 118, 98, 0));
    const dataset = await readDataset(await npz(files));
    expect(dataset.classes).toEqual(["0", "1", "b", "nv"]);
    expect(await readImage(dataset, 0)).toMatchObject({ width: 5, height: 6, channels: 3 });
  });

  test("classes of whole numbers are in order of value", async () => {
    const images = npyBytes("|u1", [11, 1, 1], new Uint8Array(11));
    const labels = npyBytes(
      "<i8",
      [11],
      BigInt64Array.from({ length: 11 }, (_, i) => BigInt(10 - i)),
    );
    const dataset = await readDataset(await npz({ "train_images.npy": images, "train_labels.npy": labels }));
    expect(dataset.classes.slice(8)).toEqual(["8", "9", "10"]);
  });

  test.each([
    ["<f4", Float32Array.of(0, 0.5, 1, 0.2), [0, 128, 255, 51]],
    ["<f8", Float64Array.of(0, 1.5, 255, 2), [0, 2, 255, 2]],
    ["<u2", Uint16Array.of(0, 1, 0, 1), [0, 1, 0, 1]],
  ])("%s images become 0..255 by the rule of docs/images.md", async (descr, pixels, expected) => {
    const labels = npyBytes("|u1", [1], new Uint8Array(1));
    const path = await npz({ "train_images.npy": npyBytes(descr, [1, 2, 2], pixels), "train_labels.npy": labels });
    const dataset = await readDataset(path);
    expect([...(await readImage(dataset, 0)).data]).toEqual(expected);
    expect(dataset.notes.join()).toContain("docs/images.md");
  });
});

describe("bad input: npz", () => {
  const labels = npyBytes("|u1", [2], new Uint8Array(2));
  const withImages = async (pixels: Float32Array) =>
    npz({ "train_images.npy": npyBytes("<f4", [2, 1, 2], pixels), "train_labels.npy": labels });

  test("NaN pixels are named by image and place", async () => {
    const error = await failure(readDataset(await withImages(Float32Array.of(0, 1, Number.NaN, 0.5))));
    expect(error.code).toBe("dataset");
    expect(error.message).toMatch(/\.npz: train_images\[1\].*pixel at \[1, 0, 0\] is NaN/);
    expect(error.message).toContain("replace or rescale them [pixel-not-finite]");
  });

  test("infinite and negative pixels too, all of them at once", async () => {
    const error = await failure(readDataset(await withImages(Float32Array.of(Infinity, 1, -1, 0.5))));
    expect(error.problems.map((p) => p.code)).toEqual(["pixel-not-finite", "pixel-range"]);
  });

  test("several labels an image, and counts that differ", async () => {
    const images = npyBytes("|u1", [2, 1, 2], new Uint8Array(4));
    const read = async (array: Uint8Array) =>
      failure(readDataset(await npz({ "train_images.npy": images, "train_labels.npy": array })));
    expect((await read(npyBytes("|u1", [2, 14], new Uint8Array(28)))).message).toContain(
      "keep one class for each image",
    );
    expect((await read(npyBytes("|u1", [3], new Uint8Array(3)))).message).toContain("2 images and 3 labels");
    expect((await read(npyBytes("<f4", [2], Float32Array.of(0, 0.5)))).message).toContain("label 1 is 0.5");
    const error = await failure(readDataset(await npz({ "train_images.npy": images })));
    expect(error.message).toContain("no array train_labels");
  });

  test("wrong arrays: names, shapes, sizes of splits", async () => {
    expect((await failure(readDataset(await npz({ "x.npy": labels })))).message).toContain("found x");
    const shape = { "train_images.npy": npyBytes("|u1", [2, 2, 2, 2], new Uint8Array(16)), "train_labels.npy": labels };
    expect((await failure(readDataset(await npz(shape)))).message).toContain("shape (2, 2, 2, 2)");
    const files = { ...medmnist(2, 1), "val_images.npy": npyBytes("|u1", [2, 3, 3], new Uint8Array(18)) };
    expect((await failure(readDataset(await npz(files)))).message).toContain("all splits must have one size");
    const empty = {
      "train_images.npy": npyBytes("|u1", [0, 2, 2], new Uint8Array(0)),
      "train_labels.npy": npyBytes("|u1", [0], new Uint8Array(0)),
    };
    expect((await failure(readDataset(await npz(empty)))).message).toContain("hold no image");
  });

  test("pickled objects are refused and never run", async () => {
    const files = { ...medmnist(2), "train_labels.npy": npyBytes("|O", [2], new Uint8Array(16)) };
    const error = await failure(readDataset(await npz(files)));
    expect(error.code).toBe("archive");
    expect(error.message).toContain("pickled Python objects, which are never loaded");
  });

  test("a path that leads out of the archive", async () => {
    const error = await failure(readDataset(await npz({ ...medmnist(2), "../../etc/passwd.npy": labels })));
    expect(error.code).toBe("archive");
    expect(error.message).toMatch(
      /\.npz: "\.\.\/\.\.\/etc\/passwd\.npy".*get it from its source again \[path-outside\]/,
    );
  });

  test("entries that are not arrays, and files that are no archive", async () => {
    expect((await failure(readDataset(await npz({ ...medmnist(2), "run.py": labels })))).message).toContain(
      "not a .npy array",
    );
    expect((await failure(readDataset(await npz(new Uint8Array(100).fill(7))))).message).toContain("not a zip archive");
    expect((await failure(readDataset(await npz(new Uint8Array(0))))).message).toContain("an empty file");
  });

  test("a zip bomb is refused by its ratio before it is unpacked", async () => {
    const bomb = npyBytes("|u1", [70, 1024, 1024], new Uint8Array(70 * 2 ** 20));
    const path = await npz(zipSync({ "train_images.npy": bomb, "train_labels.npy": labels }, { level: 6 }));
    const error = await failure(readDataset(path));
    expect(error.message).toMatch(/train_images\.npy.*more than 250 to 1 \(a zip bomb\?\).*\[zip-bomb\]/);
  });

  test("an archive over the limit in all, and one that declares less than it holds", async () => {
    const path = await npz(medmnist(2));
    expect((await failure(openZip(path, { totalBytes: 100 }))).message).toContain("at most 100 are read");
    const central = Buffer.from(npzBytes({ "a.npy": new Uint8Array(5000) }));
    central.writeUInt32LE(60, central.lastIndexOf("a.npy") - 46 + 24);
    const archive = await openZip(await npz(new Uint8Array(central)));
    const error = await failure(archive.unpack(archive.entries[0]!, () => true));
    await archive.close();
    expect(error.message).toContain("more than the 60 bytes it declares (a zip bomb?); do not trust this file");
  });

  test("a cut file and a flipped bit", async () => {
    const bytes = npzBytes(medmnist(4), 0);
    expect((await failure(readDataset(await npz(bytes.subarray(0, bytes.length - 30))))).code).toBe("archive");
    const flipped = bytes.slice();
    const at = Buffer.from(bytes).indexOf("train_labels.npy") + 16 + 128 + 2;
    flipped[at]! ^= 1;
    expect((await failure(readDataset(await npz(flipped)))).message).toContain("checksum (CRC-32) does not match");
  });

  test("a patient column does not exist in an npz", async () => {
    const error = await failure(readDataset(await npz(medmnist(2)), { patient: "who" }));
    expect(error.message).toContain('no column "who" (--patient)');
  });
});
