import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { orMissing, readJsonInside } from "../core/inside-folder.ts";
import { type Origin, originSchema } from "./origin.ts";

/** Folder of the starts that the package ships. */
const STARTS_FOLDER = fileURLToPath(new URL("../../starts", import.meta.url));
/** Describes a start in its folder. */
export const START_FILE = "start.json";

const namedSchema = z.looseObject({
  name: z.string(),
  about: z.string(),
  origins: z.array(originSchema).min(1),
  picture: z.object({ file: z.string() }),
});

/** A start that lies in a folder. */
export interface ShippedStart {
  readonly name: string;
  readonly folder: string;
  /** What it draws, in a sentence. */
  readonly about: string;
  /** Its grid of images, in its folder. */
  readonly picture: { readonly file: string };
  /** Itself, then what it began from, nearest first. */
  readonly origins: readonly Origin[];
}

/** A folder with a {@link START_FILE}. */
export interface StartFolder {
  readonly folder: string;
  /** Null where its {@link START_FILE} cannot be read, or describes no start. */
  readonly start: ShippedStart | null;
}

/** The folders of a folder that hold starts, damaged ones too, by name. Defaults to those of the package; none where there is no such folder. */
export async function startFolders(folder = STARTS_FOLDER): Promise<StartFolder[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: StartFolder[] = [];
  for (const { name } of entries.filter((entry) => entry.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const own = join(folder, name);
    const value = await orMissing(readJsonInside(own, START_FILE)).catch((error) => {
      if (error instanceof GanglionError) return undefined;
      throw error;
    });
    if (value === null) continue;
    const { data } = namedSchema.safeParse(value);
    found.push({ folder: own, start: data === undefined ? null : { ...data, folder: own } });
  }
  return found;
}

/** The starts in a folder, by name, without damaged ones. Defaults to those of the package; none where there is no such folder. */
export const shippedStarts = async (folder = STARTS_FOLDER): Promise<ShippedStart[]> =>
  (await startFolders(folder)).flatMap(({ start }) => start ?? []);
