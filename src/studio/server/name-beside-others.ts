import { basename, dirname, isAbsolute, relative, sep } from "node:path";
import { z } from "zod";
import { orUnusable, readJsonInside } from "../../core/inside-folder.ts";
import { DESCRIPTION } from "../../data/columns.ts";
import { STUDIO_LINKS } from "./inside.ts";

/** Folder of the images in a release. */
const RELEASED = "data";
const described = z.looseObject({ name: z.string().trim().min(1).max(96) });

/**
 * What a dataset is called beside others: deeper in the folder that was opened by its way from there, as every release keeps its
 * images in a folder of one name; these by the name of the release too.
 * @param root Folder that was opened. @param folder Of the dataset, or its archive. @param name Its own name.
 */
export async function nameBesideOthers(root: string, folder: string, name: string): Promise<string> {
  const way = relative(root, dirname(folder));
  if (way === "" || way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) return name;
  const above = way.split(sep).join("/");
  if (basename(folder) !== RELEASED) return `${above}/${name}`;
  const found = await orUnusable(readJsonInside(folder, DESCRIPTION, STUDIO_LINKS)).catch(() => null);
  const stated = described.safeParse(found).data?.name;
  return stated === undefined || stated === name ? `${above}/${name}` : `${stated} (${above})`;
}
