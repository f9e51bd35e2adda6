import { basename, dirname, join } from "node:path";
import { isNotAFile, type Links, orMissing, readInside } from "../../core/inside-folder.ts";

/** Links are refused in whatever the studio opened, a dataset too: it sends what it reads. */
export const STUDIO_LINKS: Links = "refuse";

/**
 * Arguments for the functions of `core/inside-folder.ts` that look a name up from the parent of an opened folder: the folder
 * itself must not have become a link since.
 * @param folder Real path.
 */
export const below = (folder: string, name: string): [folder: string, name: string] => [
  dirname(folder),
  join(basename(folder), name),
];

/** Reads a file of an opened folder; null when it is not there. @throws GanglionError for a link, see {@link readInside} */
export const readOpened = (folder: string, name: string): Promise<Buffer | null> =>
  orMissing(readInside(...below(folder, name)));

/** What a promise gives; null where it ends because of a link, a FIFO or a device. */
export async function unlessNoFile<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (isNotAFile(error)) return null;
    throw error;
  }
}
