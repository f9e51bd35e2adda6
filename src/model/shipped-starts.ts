import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { orMissing, readJsonInside } from "../core/inside-folder.ts";
import { type Origin, originSchema } from "./origin.ts";

/** Folder of the starts that the package ships. */
const STARTS_FOLDER = fileURLToPath(new URL("../../starts", import.meta.url));
/** Describes a start in its folder. */
export const START_FILE = "start.json";

const namedSchema = z.looseObject({ name: z.string(), origins: z.array(originSchema).min(1) });

/** A start that lies in a folder. */
export interface ShippedStart {
  readonly name: string;
  readonly folder: string;
  /** Itself, then what it began from, nearest first. */
  readonly origins: readonly Origin[];
}

/** The starts in a folder, by name. Defaults to those of the package; none where there is no such folder. */
export async function shippedStarts(folder = STARTS_FOLDER): Promise<ShippedStart[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const found: ShippedStart[] = [];
  for (const name of names) {
    const parsed = namedSchema.safeParse(await orMissing(readJsonInside(join(folder, name), START_FILE)));
    if (parsed.success)
      found.push({ name: parsed.data.name, folder: join(folder, name), origins: parsed.data.origins });
  }
  return found;
}
