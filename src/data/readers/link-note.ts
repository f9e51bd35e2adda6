import { lstat, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { mapLimited } from "../parallel.ts";
import type { Dataset } from "../types.ts";

/**
 * Says how many images and masks of a folder are symbolic links or lie in a linked folder: they are read through when a
 * user names the dataset, and what they show may be of another place than it seems.
 */
export async function linkNote({ root, samples }: Dataset): Promise<string[]> {
  const names = samples.flatMap(({ fileName, mask, moreMasks = [] }) =>
    mask === undefined ? [fileName] : [fileName, mask, ...moreMasks],
  );
  const whole = await realpath(root).catch(() => root);
  const folders = [...new Set(names.map((name) => dirname(name)))];
  const places = await mapLimited(folders, 32, (folder) => realpath(join(root, folder)).catch(() => ""));
  const linked = new Set(folders.filter((folder, i) => places[i] !== join(whole, folder)));
  const found = await mapLimited(names, 32, async (name) => {
    if (linked.has(dirname(name))) return true;
    return (await lstat(join(root, name)).catch(() => null))?.isSymbolicLink() ?? false;
  });
  const count = found.filter(Boolean).length;
  if (count === 0) return [];
  return [
    `${count} of ${names.length} image and mask files are symbolic links or are in a linked folder; their targets are read`,
  ];
}
