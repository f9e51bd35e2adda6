import { resolve } from "node:path";
import { shellWord } from "../../core/quoted.ts";
import { type Folders, foldersOf } from "../layout/folders.ts";
import type { Level } from "../layout/levels.ts";
import { dicomBelow } from "./find-files.ts";

/** The level of folders that a label of DICOM names: `folder` is the outermost part of the path, `folder_2` as for images. */
export function folderLabel({ levels }: Folders, paths: readonly string[]): { level: Level; name: string } | null {
  const { label } = foldersOf(paths).roles;
  if (label === null || label.folders.length < 2) return null;
  const outermost = paths.every((path, i) => label.values[i] === path.split("/")[0]);
  return { level: levels.find(({ name }) => name === label.name) ?? label, name: outermost ? "folder" : label.name };
}

/** The command that makes a dataset of a folder of DICOM files, with its folders as classes where they are some; null for none. */
export async function dicomImportCommand(folder: string): Promise<string | null> {
  const root = resolve(folder);
  const paths = await dicomBelow(root);
  if (paths.length === 0) return null;
  const label = folderLabel(foldersOf(paths), paths);
  const words = ["ganglion", "import", shellWord(root), shellWord(`${root}-dataset`)];
  return [...words, ...(label === null ? [] : ["--label", label.name])].join(" ");
}
