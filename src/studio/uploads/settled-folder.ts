import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isImageName } from "../../data/layout/image-kinds.ts";
import { placeOf, recognise } from "../../data/readers/recognise.ts";

/** Folders in a folder that are passed through at most. */
const DEEPEST = 8;

/**
 * Where the images of an upload are: archives hold one folder as a rule, which is passed through while what is inside is more
 * than images of one class; a single file that is a dataset of its own is taken itself.
 * @param folder Real path.
 */
export async function settledFolder(folder: string): Promise<string> {
  let at = folder;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const [only, ...others] = await readdir(at, { withFileTypes: true });
    if (only === undefined || others.length > 0) return at;
    const below = join(at, only.name);
    if (only.isFile()) return (await isDataset(below)) ? below : at;
    if (!only.isDirectory()) return at;
    const inside = await readdir(below, { withFileTypes: true });
    // Images alone are of the class that the folder may name.
    const isMore = inside.some((one) => one.isDirectory() || !isImageName(one.name));
    if (!isMore) return at;
    at = below;
  }
  return at;
}

/** Whether a reader knows a file as a dataset of its own. */
const isDataset = async (path: string): Promise<boolean> => (await recognise(await placeOf(path))) !== null;
