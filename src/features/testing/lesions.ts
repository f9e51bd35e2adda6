import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Rng } from "../../core/rng.ts";
import { type RawImage, writeDataset } from "../../data/index.ts";
import { conv2d, emitOnnx, input, leakyRelu, reduceMean, reshape } from "../../graph/index.ts";
import type { ImageSource } from "../extractor.ts";

const SIDE = 24;
const HUES: Readonly<Record<string, readonly [number, number, number]>> = {
  dark: [90, 60, 50],
  red: [190, 70, 80],
  pale: [210, 180, 160],
};

/** A disc of its class's colour on skin, with noise. `shift` moves the colours: 0 is the real distribution. */
export function drawLesion(label: string, rng: Rng, shift = 0): RawImage {
  const data = new Uint8Array(SIDE * SIDE * 3);
  const [cx, cy] = [rng.between(9, 15), rng.between(9, 15)];
  const radius = rng.between(4, 8);
  const tint = rng.between(-25, 25);
  for (let y = 0, at = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const inside = (x - cx) ** 2 + (y - cy) ** 2 < radius ** 2;
      for (let c = 0; c < 3; c++) {
        const base = inside ? HUES[label]![c]! + tint + shift : [225, 175, 160][c]! - tint / 2;
        data[at++] = Math.max(0, Math.min(255, base + rng.between(-12, 12)));
      }
    }
  }
  return { width: SIDE, height: SIDE, channels: 3, data };
}

/** Writes a labelled dataset of drawn lesions. */
export async function writeLesions(
  folder: string,
  counts: Readonly<Record<string, number>>,
  seed: number,
  shift = 0,
  columns: (label: string, i: number) => Readonly<Record<string, string>> = () => ({}),
): Promise<string> {
  const rows = Object.entries(counts).flatMap(([label, n]) =>
    Array.from({ length: n }, (_, i) => ({
      fileName: `images/${label}-${i}.png`,
      image: drawLesion(label, new Rng(seed, label, i), shift),
      columns: { diagnosis: label, ...columns(label, i) },
    })),
  );
  await writeDataset(folder, {
    rows,
    description: { label: "diagnosis", ...(columns("", 0).split === undefined ? {} : { split: "split" }) },
  });
  return folder;
}

/** Writes a small ONNX model with fixed random weights that keeps the contract of `onnx:PATH`; 12 features. */
export async function writeExtractor(folder: string, batch = 8): Promise<string> {
  const size = 16;
  const weights = {
    w1: new Rng("w1").fillNormal(new Float32Array(8 * 3 * 9)),
    w2: new Rng("w2").fillNormal(new Float32Array(12 * 8 * 9)),
  };
  const geometry = { stride: 2, padding: 1 };
  const first = leakyRelu(conv2d(input("pixels", [batch, 3, size, size]), input("w1", [8, 3, 3, 3]), geometry), 0.1);
  const second = leakyRelu(conv2d(first, input("w2", [12, 8, 3, 3]), geometry), 0.1);
  const features = reshape(reduceMean(second, [2, 3]), [batch, 12]);
  const path = join(folder, "small.onnx");
  await writeFile(path, emitOnnx({ features }, { weights }));
  return path;
}

/** Images held in memory, `HWC` as drawn. */
export function memorySource(images: readonly RawImage[]): ImageSource {
  const { width: side, channels } = images[0]!;
  return {
    count: images.length,
    resolution: side,
    channels,
    readInto(indices, out) {
      const area = side * side;
      for (let k = 0; k < indices.length; k++) {
        const { data } = images[indices[k]!]!;
        for (let c = 0; c < channels; c++) {
          for (let i = 0; i < area; i++) out[(k * channels + c) * area + i] = data[i * channels + c]!;
        }
      }
    },
  };
}
