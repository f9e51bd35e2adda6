import { normaliseSplit } from "../names.ts";
import { type FolderRoles, folderRoles } from "./folder-roles.ts";
import { type FolderLevels, type Level, readLevels } from "./levels.ts";

/** Levels by which images are told apart, with the place of each image. */
export interface Folders extends FolderLevels {
  readonly roles: FolderRoles;
  readonly at: (path: string) => number;
}

/** Understands the folders of images. */
export function foldersOf(paths: readonly string[]): Folders {
  const read = readLevels(paths);
  const place = new Map(paths.map((path, i) => [path, i]));
  return { ...read, roles: folderRoles(read), at: (path) => place.get(path)! };
}

/** A level that an option names; null where the option is of something else. */
export const levelNamed = ({ levels }: FolderLevels, name: string | undefined): Level | null =>
  levels.find((level) => level.name === name) ?? null;

/** Split that the folder of an image says; undefined where it lies above. */
export const splitAt = (level: Level, at: number): string | undefined => {
  const value = level.values[at]!;
  if (value === "") return undefined;
  return level.splits?.get(value) ?? normaliseSplit(value);
};
