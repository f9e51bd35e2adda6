import { readdir } from "node:fs/promises";
import { join } from "node:path";

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
    if (only.isFile()) return /\.npz$/i.test(only.name) ? below : at;
    if (!only.isDirectory()) return at;
    const inside = await readdir(below, { withFileTypes: true });
    const isMore = inside.some(
      (one) => one.isDirectory() || /\.(csv|tsv|txt|xlsx|json|jsonl|xml|npz|dcm|nii|gz)$/i.test(one.name),
    );
    if (!isMore) return at;
    at = below;
  }
  return at;
}
