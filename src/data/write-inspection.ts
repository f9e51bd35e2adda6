import { join } from "node:path";
import { writeFileAtomic } from "../core/files.ts";
import { encodePng } from "./image.ts";
import type { Inspection } from "./inspect.ts";
import { mapMontage } from "./maps/map-montage.ts";
import { classMontage } from "./montage.ts";
import type { Dataset } from "./types.ts";

export interface WriteInspectionOptions {
  /** Also writes `maps.png`; the dataset has masks or boxes then. Defaults to false. */
  readonly maps?: boolean;
  /** Of which images are shown. Defaults to 0. */
  readonly seed?: number;
}

/** What `inspection.json` holds: the findings, the path of the dataset, and what was guessed when it was read. */
export interface InspectionFile extends Inspection {
  readonly dataset: string;
  readonly notes: readonly string[];
}

/** Writes `inspection.json`, `montage.png` (a row of images a class) and, if asked for, `maps.png` into a folder. */
export async function writeInspection(
  out: string,
  dataset: Dataset,
  file: InspectionFile,
  { maps = false, seed = 0 }: WriteInspectionOptions = {},
): Promise<void> {
  await writeFileAtomic(join(out, "montage.png"), await encodePng(await classMontage(dataset, { seed })));
  await writeFileAtomic(join(out, "inspection.json"), `${JSON.stringify(file, null, 2)}\n`);
  if (maps) await writeFileAtomic(join(out, "maps.png"), await encodePng(await mapMontage(dataset, { seed })));
}
