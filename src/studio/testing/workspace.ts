import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { formatCsvRow } from "../../data/csv.ts";
import { pngOf, writeFiles } from "../../data/testing/fixtures.ts";
import { clamp, emitOnnx, input, prepare } from "../../graph/index.ts";

/** Words that stand in files which the studio must never send. */
export const SECRET = "not-for-anyone-outside";
/** Identifies people in the table of `skin`, in columns under several names. */
export const PATIENTS = ["PAT-0417", "PAT-0933"] as const;
export const LESIONS = ["LES-88213", "LES-90417"] as const;

const CONDITIONS = ["melanoma", "nevus"] as const;

/** A `generator.onnx` that describes itself as one of `dermgan`; it draws nothing. */
export function mapGenerator(resolution: number): Uint8Array {
  const images = clamp(input("map", [1, 3, resolution, resolution]), -1, 1);
  const description = {
    model: "dermgan",
    classes: CONDITIONS,
    resolution,
    channels: 3,
    latent: 0,
    mapKind: "box",
    tonesEstimated: true,
    toneCounts: [1, 2, 3, 4, 5, 6],
    imagesSeen: 1000,
    seed: 0,
    license: "",
  };
  return emitOnnx(prepare({ images }), { metadata: { description: JSON.stringify(description) } });
}

export interface TestWorkspace {
  /** What the studio is opened on: `skin` (real), `made` (synthetic) and `run`. */
  readonly work: string;
  /** A built page. */
  readonly page: string;
}

const SIDE = 24;
const COLUMNS =
  "file_name,diagnosis,patient_id,lesion_id,isic_id,split,fitzpatrick,age,x_min,y_min,x_max,y_max,mask_file_name";

/** Twelve images, eight nevi; patients, lesions and file names in the table; the last image is a link out of the folder. */
async function writeSkin(folder: string, outside: string): Promise<void> {
  const files: Record<string, string | Uint8Array> = {};
  let table = `${COLUMNS}\n`;
  for (let i = 0; i < 12; i++) {
    const name = `ISIC_00${10 + i}`;
    if (i < 11) files[`images/${name}.png`] = await pngOf(i, SIDE, SIDE);
    if (i === 0) files[`masks/${name}.png`] = await pngOf(100, SIDE, SIDE, 1);
    table += formatCsvRow([
      `images/${name}.png`,
      i < 8 ? "nevus" : "melanoma",
      PATIENTS[i % 2]!,
      LESIONS[i % 2]!,
      name,
      i % 4 === 3 ? "val" : "train",
      ["I", "2", "VI"][i % 3]!,
      20 + i,
      ...(i === 1 ? ["6;12", "0;12", "12;24", "6;18"] : [0, 0, 12, 6]),
      i === 0 ? `masks/${name}.png` : "",
    ]);
  }
  await writeFiles(folder, { ...files, "metadata.csv": table });
  await symlink(outside, join(folder, "images/ISIC_0021.png"));
}

/** Ten synthetic images, five of each class. */
async function writeMade(folder: string): Promise<void> {
  const files: Record<string, string | Uint8Array> = {};
  let table = "file_name,label,synthetic\n";
  for (let i = 0; i < 10; i++) {
    files[`images/${i}.png`] = await pngOf(50 + i, SIDE, SIDE);
    table += formatCsvRow([`images/${i}.png`, CONDITIONS[i % 2]!, 1]);
  }
  await writeFiles(folder, { ...files, "metadata.csv": table });
}

/** A run of `dermgan` that has ended; one of its grids is a link out of its folder. */
async function writeRun(folder: string, outside: string): Promise<void> {
  const config = {
    format: "ganglion.run/1",
    model: "dermgan",
    resolution: 16,
    channels: 3,
    images: 1000,
    minutes: null,
    dataset: { path: "skin", label: "diagnosis", classes: CONDITIONS },
  };
  const line = (imagesSeen: number) =>
    JSON.stringify({ imagesSeen, seconds: imagesSeen / 10, imagesPerSecond: 10, lossG: 1.5 });
  await writeFiles(folder, {
    "config.json": JSON.stringify(config),
    "stats.jsonl": `${line(100)}\n${line(200)}\n`,
    "generator.onnx": mapGenerator(16),
    "samples/000000200.png": await pngOf(200),
    "samples/000000100.png": await pngOf(201),
    "samples/real.png": await pngOf(202),
  });
  await symlink(outside, join(folder, "samples/escape.png"));
}

/** Writes a workspace with a run and two datasets, a page, and beside them what must not be reached. */
export async function writeWorkspace(root: string): Promise<TestWorkspace> {
  const work = join(root, "work");
  const page = join(root, "page");
  await mkdir(work, { recursive: true });
  await writeFiles(root, { "secret.txt": SECRET, "secret.png": await pngOf(999, 5, 5) });
  await writeSkin(join(work, "skin"), join(root, "secret.png"));
  await writeMade(join(work, "made"));
  await writeRun(join(work, "run"), join(root, "secret.png"));
  await writeMade(join(root, "private"));
  await symlink(join(root, "private"), join(work, "elsewhere"));
  await writeFiles(page, {
    "index.html": "<!doctype html><title>page</title>",
    "assets/app-1.js": "export {};",
    "assets/thread-1.mjs": "export {};",
    "assets/engine-1.wasm": "wasm",
  });
  await symlink(join(root, "secret.txt"), join(page, "escape.txt"));
  return { work, page };
}
