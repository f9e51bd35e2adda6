import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isImageName } from "../layout/image-kinds.ts";
import { readLayout } from "../layout/read-layout.ts";
import { isSplitName } from "../layout/split-names.ts";
import { FOLDER_READERS } from "./image-files.ts";
import type { DatasetReader, Place } from "./reader.ts";

/** Names of the sub-folders of a place that are looked into, in order; none where it cannot be listed. */
async function subFolders(folder: string, { ignored }: Place): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !ignored.has(entry.name) && !/^(\.|__MACOSX$)/.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

const holdsImages = async (folder: string): Promise<boolean> =>
  (await readdir(folder, { withFileTypes: true }).catch(() => [])).some(
    (entry) => !entry.isDirectory() && isImageName(entry.name),
  );

/** The first sub-folder of images, or of a split with such sub-folders; null where there is none. */
async function firstClassFolder(place: Place): Promise<string | null> {
  const { root } = place;
  const names = await subFolders(root, place);
  for (const name of names) if (await holdsImages(join(root, name))) return name;
  if (names.length === 0 || !names.every(isSplitName)) return null;
  for (const split of names) {
    for (const name of await subFolders(join(root, split), place)) {
      if (await holdsImages(join(root, split, name))) return `${split}/${name}`;
    }
  }
  return null;
}

/**
 * A folder whose sub-folders are the classes, or of another layout without a table at its top. Any folder is read so where
 * nothing else is recognised; what it is is found when it is read, with everything below it in view.
 */
export const classFolders: DatasetReader = {
  async recognise(place) {
    if (!place.isFolder) return null;
    const found = await firstClassFolder(place);
    return {
      certainty: found === null ? "fallback" : "likely",
      evidence: found === null ? [] : [`sub-folder ${found} holds images`],
      read: (options) => readLayout(place.root, options, FOLDER_READERS),
    };
  },
};
