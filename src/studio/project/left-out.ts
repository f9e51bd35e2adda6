import { orMissing, readInside, removeInside, writeInside } from "../../core/inside-folder.ts";

/** File beside a set that names its images which do not leave, for `ganglion release --leave-out`. @param set Path seen from the project. */
export const leftOutName = (set: string): string => `${set}.left-out.txt`;

/** Names of the images of a set that do not leave. @param project Real path. */
export async function readLeftOut(project: string, set: string): Promise<ReadonlySet<string>> {
  const bytes = await orMissing(readInside(project, leftOutName(set)));
  return new Set((bytes?.toString("utf8") ?? "").split(/\r?\n/).filter((name) => name.trim() !== ""));
}

/** Replaces the list; without a name there is no file. @param names In the order in which they are written. */
export async function writeLeftOut(project: string, set: string, names: readonly string[]): Promise<void> {
  if (names.length > 0) return writeInside(project, leftOutName(set), `${names.join("\n")}\n`);
  await removeInside(project, leftOutName(set));
}
