import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { zipSync } from "fflate";
import { Rng } from "../../core/rng.ts";
import { encodePng } from "../image.ts";
import type { RawImage } from "../types.ts";

/** Writes files by their path in a folder. */
export async function writeFiles(folder: string, files: Record<string, string | Uint8Array>): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** An image of random bytes. */
export function noise(seed: number, width: number, height: number, channels: 1 | 3): RawImage {
  const rng = new Rng(seed, "noise");
  return {
    width,
    height,
    channels,
    data: Uint8Array.from({ length: width * height * channels }, () => rng.integer(256)),
  };
}

/** A mask of random pixels, 0 or 255. */
export function noiseMask(seed: number, width: number, height: number): RawImage {
  const image = noise(seed, width, height, 1);
  return { ...image, data: image.data.map((value) => (value < 128 ? 0 : 255)) };
}

export const pngOf = (seed: number, width = 8, height = 8, channels: 1 | 3 = 3) =>
  encodePng(noise(seed, width, height, channels));

/** A `.npy` file, version 1.0, of the given element type and raw elements. */
export function npyBytes(
  descr: string,
  shape: readonly number[],
  elements: ArrayBufferView,
  fortranOrder = false,
): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${descr}', 'fortran_order': ${fortranOrder ? "True" : "False"}, 'shape': ${tuple}, }`;
  const padded = `${text}${" ".repeat((64 - ((11 + text.length) % 64)) % 64)}\n`;
  const head = Buffer.alloc(10);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(padded.length, 8);
  const data = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
  return new Uint8Array(Buffer.concat([head, Buffer.from(padded, "latin1"), data]));
}

/** A small set in the MedMNIST layout: `count` images a split of size 6 x 5. */
export function medmnist(count = 4, channels: 1 | 3 = 1): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const [seed, split] of ["train", "val", "test"].entries()) {
    const image = noise(seed, 5, 6 * count, channels);
    const shape = channels === 3 ? [count, 6, 5, 3] : [count, 6, 5];
    files[`${split}_images.npy`] = npyBytes("|u1", shape, image.data);
    files[`${split}_labels.npy`] = npyBytes(
      "|u1",
      [count, 1],
      Uint8Array.from({ length: count }, (_, i) => i % 3),
    );
  }
  return files;
}

/** An `.npz` of entries; deflated, or stored with level 0. */
export const npzBytes = (files: Record<string, Uint8Array>, level: 0 | 6 = 6) => zipSync(files, { level });
