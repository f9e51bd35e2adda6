import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Rng } from "../../src/core/rng.ts";
import { encodePng } from "../../src/data/image.ts";
import {
  add,
  clamp,
  constant,
  conv2d,
  emitOnnx,
  input,
  matmul,
  mul,
  prepare,
  reshape,
  upsample,
} from "../../src/graph/index.ts";
import { writePhantom } from "../../src/phantom/write.ts";
import type { Outcome } from "../../src/train/index.ts";

const STUDIO_CLASSES = ["nevus", "melanoma", "keratosis"] as const;
const LATENT = 16;
const BATCH = 16;
/** Extent of the pattern that the latent makes, before it is enlarged. */
const COARSE = 16;
/** Colours of a generated pixel (rows red, green, blue) by the map's tone, green and blue, and without any. */
const COLOURS = [
  [-1.1, -0.8, -0.5],
  [-1.4, -0.9, -0.8],
  [-1.5, -0.7, -1.2],
] as const;
const PAPER = [1.05, 0.85, 0.7] as const;
const BLUR = 5;

/**
 * A `generator.onnx` as `dermgan` writes them, without training: skin darkens with the tone, the lesion is darker and has a
 * soft edge, and the latent adds a faint pattern.
 */
function paintingGenerator(size: number, mapKind: "box" | "mask", latent: boolean): Uint8Array {
  const kernel = new Float32Array(3 * 3 * BLUR * BLUR);
  for (let c = 0; c < 3; c++) {
    for (let k = 0; k < 3; k++) {
      for (let i = 0; i < BLUR * BLUR; i++) kernel[(c * 3 + k) * BLUR * BLUR + i] = COLOURS[c]![k]! / (BLUR * BLUR);
    }
  }
  const maps = input("maps", [BATCH, 3, size, size]);
  const margin = Math.floor(BLUR / 2);
  const painted = add(
    conv2d(maps, constant(kernel, [3, 3, BLUR, BLUR]), { stride: 1, padding: margin }),
    constant(PAPER, [1, 3, 1, 1]),
  );
  let images = painted;
  if (latent) {
    const mix = new Rng(1, "pattern").fillNormal(new Float32Array(LATENT * COARSE * COARSE));
    const pattern = matmul(input("latent", [BATCH, LATENT]), constant(mix, [LATENT, COARSE * COARSE]));
    images = add(painted, mul(upsample(reshape(pattern, [BATCH, 1, COARSE, COARSE]), size / COARSE), 0.02));
  }
  const description = {
    model: "dermgan",
    classes: STUDIO_CLASSES,
    resolution: size,
    channels: 3,
    latent: latent ? LATENT : 0,
    mapKind,
    tonesEstimated: mapKind === "mask",
    toneCounts: [10, 40, 60, 20, 10, 5],
    imagesSeen: 5000,
    seed: 1,
    license: "",
  };
  return emitOnnx(prepare({ images: clamp(images, -1, 1) }), {
    device: "webgpu",
    freeBatch: "N",
    metadata: { format: "ganglion.map-generator/1", description: JSON.stringify(description) },
  });
}

/** A grid of 8 by 3 pictures of one colour each. */
async function grid(seed: number): Promise<Uint8Array> {
  const [columns, rows, size] = [8, 3, 32];
  const data = new Uint8Array(columns * size * rows * size * 3);
  const rng = new Rng(seed, "grid");
  for (let cell = 0; cell < columns * rows; cell++) {
    const colour = [rng.between(170, 230), rng.between(120, 170), rng.between(90, 140)];
    const [left, top] = [(cell % columns) * size, Math.floor(cell / columns) * size];
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const lesion = (x - 16) ** 2 + (y - 16) ** 2 < 60 ? 0.55 : 1;
        for (let c = 0; c < 3; c++) data[((top + y) * columns * size + left + x) * 3 + c] = colour[c]! * lesion;
      }
    }
  }
  return encodePng({ width: columns * size, height: rows * size, channels: 3, data });
}

/** Lines of a training that goes well. */
function stats(): string {
  const rng = new Rng(1, "stats");
  return Array.from({ length: 60 }, (_, i) => {
    const t = (i + 1) / 60;
    const line = {
      imagesSeen: (i + 1) * 1000,
      seconds: 9.5 * (i + 1),
      imagesPerSecond: 105 + 4 * rng.normal(),
      lossD: 0.9 + 0.3 * Math.exp(-5 * t) + 0.03 * rng.normal(),
      lossG: 1.4 - 0.5 * t + 0.06 * rng.normal(),
      l1Image: 0.4 * Math.exp(-3 * t) + 0.08 + 0.01 * rng.uniform(),
      l1Boxes: 0.6 * Math.exp(-3 * t) + 0.1 + 0.01 * rng.uniform(),
      logitGap: 0.6 + 0.4 * t + 0.1 * rng.normal(),
      augmentProbability: 0.2 * t,
      distance: i % 10 === 9 ? 40 * Math.exp(-2 * t) : null,
    };
    return `${JSON.stringify(line)}\n`;
  }).join("");
}

/** What the page says of a run that has ended. */
export const OUTCOME: Outcome = {
  schema: 1,
  imagesSeen: 60_000,
  generator: "0",
  verdict: {
    grade: "partial",
    sentence: "The synthetic images resemble part of the real images",
    reasons: ["By multiscale, on 240 images per side, 40 % of the real images have a synthetic image near them."],
  },
  distance: { features: "multiscale", value: 55.4, floor: 23.8, n: 240, control: "holdout" },
  trend: {
    state: "improving",
    sentence: "Still improving: the distance from the real images fell by 28 % from 40,000 to 60,000 images seen",
    change: { value: -0.28, low: -0.31, high: -0.25 },
    measurements: 3,
    from: 40_000,
    to: 60_000,
  },
  next: {
    reason: "Train on: the images are still improving; 60,000 more images take about 9 min at 110 images/s",
    command: "ganglion train skin --out lesions --resume --images 120000",
    minutes: 9,
  },
};

async function writeRun(folder: string, generator: Uint8Array, size: number, minutes: number): Promise<void> {
  await mkdir(join(folder, "samples"), { recursive: true });
  const config = {
    format: "ganglion.run/1",
    model: "dermgan",
    resolution: size,
    channels: 3,
    images: 80_000,
    minutes,
    dataset: { path: "skin", label: "label", classes: STUDIO_CLASSES },
  };
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  await writeFile(join(folder, "generator.onnx"), generator);
  await writeFile(join(folder, "stats.jsonl"), stats());
  await writeFile(join(folder, "outcome.json"), JSON.stringify(OUTCOME));
  await writeFile(join(folder, "samples", "real.png"), await grid(1));
  for (const seen of [20_000, 40_000, 60_000]) {
    await writeFile(join(folder, "samples", `${String(seen).padStart(9, "0")}.png`), await grid(seen));
  }
}

/**
 * Writes what a studio is opened on: runs `lesions` (maps of shapes, with a latent) and `boxes` (maps of boxes, without), a
 * real dataset `skin` and a synthetic one `made`.
 */
export async function writeStudioFolder(folder: string, size = 64): Promise<void> {
  await writeRun(join(folder, "lesions"), paintingGenerator(size, "mask", true), size, 12);
  await writeRun(join(folder, "boxes"), paintingGenerator(size, "box", false), size, 12);
  await writePhantom(join(folder, "skin"), { count: 160, size: 64, seed: 1 });
  await writePhantom(join(folder, "made"), { count: 80, size: 64, seed: 2 });
  const table = join(folder, "made", "metadata.csv");
  const [head, ...rows] = (await readFile(table, "utf8")).trim().split(/\r?\n/);
  await writeFile(table, `${head},synthetic\n${rows.map((row) => `${row},1\n`).join("")}`);
}
