import { readdir, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileError } from "../../core/files.ts";
import type { Place, Recognition } from "./reader.ts";
import { READERS } from "./registry.ts";

const ORDER = ["marked", "likely", "fallback"] as const satisfies readonly Recognition["certainty"][];

/**
 * Looks at a path for the readers.
 * @param ignored Names of sub-folders that are not looked into. Defaults to none.
 * @throws GanglionError `files` when the path cannot be read
 */
export async function placeOf(path: string, ignored: ReadonlySet<string> = new Set()): Promise<Place> {
  const root = resolve(path);
  const found = await stat(root).catch((cause) => {
    throw fileError("read", path, cause);
  });
  if (!found.isDirectory()) return { root, isFolder: false, names: [], ignored };
  const names = await readdir(root).catch((cause) => {
    throw fileError("list", root, cause);
  });
  return { root, isFolder: true, names, ignored };
}

/**
 * The most certain of what the readers make of a place; null where no reader knows it.
 * @param accepts Which recognitions count. Defaults to all.
 */
export async function recognise(
  place: Place,
  accepts: (found: Recognition) => boolean = () => true,
): Promise<Recognition | null> {
  const all: Recognition[] = [];
  for (const reader of READERS) {
    const found = await reader.recognise(place);
    if (found === null || !accepts(found)) continue;
    if (found.certainty === "marked") return found;
    all.push(found);
  }
  return all.sort((a, b) => ORDER.indexOf(a.certainty) - ORDER.indexOf(b.certainty))[0] ?? null;
}
