import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { encodePng } from "../../data/image.ts";
import { writeFiles } from "../../data/testing/fixtures.ts";
import type { RawImage } from "../../data/types.ts";
import { writeMapTestRun } from "../../sample/testing/map-run.ts";
import type { CommandEntry } from "../commands.ts";
import { callProgram } from "./call-program.ts";

/** Resolution of the runs. */
export const SIZE = 16;
/** The commands under test. */
const table: CommandEntry[] = [
  { name: "generate", summary: "draw", load: () => import("../command/generate.ts") },
  { name: "balance", summary: "fill up", load: () => import("../command/balance.ts") },
];

const folder = await temporaryFolder();
export const at = (name: string) => join(folder, name);

export const grey = (size: number, inside: (x: number, y: number) => boolean): RawImage => ({
  width: size,
  height: size,
  channels: 1,
  data: Uint8Array.from({ length: size * size }, (_, i) => (inside(i % size, Math.floor(i / size)) ? 255 : 0)),
});

/** A dataset of skin with boxes: per split and class so many images, the first with two boxes. */
export async function writeSkin(path: string, splits: Record<string, number>, mask = false) {
  const skin = Uint8Array.from({ length: 3 * 32 * 32 }, (_, i) => [226, 180, 158][i % 3]!);
  const png = await encodePng({ width: 32, height: 32, channels: 3, data: skin });
  const shape = await encodePng(grey(32, (x, y) => (x - 16) ** 2 + (y - 12) ** 2 < 36));
  const files: Record<string, string | Uint8Array> = { "shape.png": shape };
  const rows = ["file_name,label,split,tone,x_min,y_min,x_max,y_max,mask"];
  for (const [split, count] of Object.entries(splits)) {
    for (const label of ["melanoma", "nevus"]) {
      for (let k = 0; k < count; k++) {
        const name = `${split}-${label}-${k}.png`;
        files[name] = png;
        const box = k === 0 ? "4;20,6;20,12;28,14;28" : `${8 + 2 * k},8,20,20`;
        rows.push(`${name},${label},${split},${1 + (k % 5)},${mask ? ",,," : box},${mask ? "shape.png" : ""}`);
      }
    }
  }
  await writeFiles(path, { ...files, "metadata.csv": `${rows.join("\n")}\n` });
}

/** Writes the runs `run` (of boxes), `noisy` (with a latent), `shapes` (of masks), a dataset `skin` and some masks. */
export async function writeRuns(): Promise<void> {
  await writeSkin(at("skin"), { train: 2, val: 3 });
  await writeMapTestRun(at("run"), { dataset: { path: at("skin"), label: "label", where: ["split=train"] } });
  await writeMapTestRun(at("noisy"), { latent: 4 });
  await writeMapTestRun(at("shapes"), { mapKind: "mask", tonesEstimated: true });
  await writeFiles(at("maps"), {
    "disc.png": await encodePng(grey(SIZE, (x, y) => (x - 6) ** 2 + (y - 8) ** 2 < 16)),
    "small.png": await encodePng(grey(8, () => true)),
    "black.png": await encodePng(grey(SIZE, () => false)),
    "text.png": "no picture",
  });
}

/** Runs a command line as a user does. */
export const call = (...argv: string[]) => callProgram(argv, table);

export const generate = (run: string, ...words: string[]) => call("generate", at(run), "--threads", "1", ...words);
export const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Writes a map file beside the masks. */
export async function mapFile(name: string, header: string, ...rows: string[]): Promise<string> {
  await writeFile(at(`maps/${name}`), [header, ...rows].map((row) => `${row}\n`).join(""));
  return at(`maps/${name}`);
}
export const HEADER = "condition,x_min,y_min,x_max,y_max,tone,seed";
export const pixel = (image: RawImage, x: number, y: number) => [
  ...image.data.slice(3 * (y * SIZE + x), 3 * (y * SIZE + x) + 3),
];
