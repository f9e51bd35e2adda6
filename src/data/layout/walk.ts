import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileError } from "../../core/files.ts";
import type { Links } from "../../core/inside-folder.ts";
import { SPLIT_FILE } from "../split/split-file.ts";
import { TABLE_NAME } from "../table/table.ts";
import { endingOf, imageKind } from "./image-kinds.ts";

/** What lies in a folder: paths from it with forward slashes, in order of their names. */
export interface FolderTree {
  /** Images of a kind that is read. */
  readonly images: readonly string[];
  readonly tables: readonly string[];
  /** Files that may be annotations: JSON, XML, text and YAML. They are among the others until they are read. */
  readonly annotations: readonly string[];
  /** Further files and folders by what they are, and how many: `documents`, `TIFF images` ... */
  readonly others: ReadonlyMap<string, number>;
}

/** Deepest folder that is looked into. */
const MAX_DEPTH = 32;

/** Left behind by systems and programs: resource forks, thumbnails, hidden files, caches of notebooks and versions. */
const LEFT_BEHIND =
  /^(\.|__macosx$|thumbs\.db$|ehthumbs\.db$|desktop\.ini$|\$recycle\.bin$|system volume information$|@eadir$|__pycache__$|icon\r$)/i;

const KINDS: readonly (readonly [string, RegExp])[] = [
  ["documents", /^(txt|md|rst|pdf|html?|docx?|rtf|log|bib|cff|license|citation|pptx?)$/],
  ["spreadsheets", /^(xlsx?|ods|numbers)$/],
  ["unfinished downloads", /^(part|partial|crdownload|download|aria2|opdownload|filepart|tmp)$/],
  ["archives", /^(zip|tar|gz|tgz|7z|rar|bz2|xz)$/],
  ["JSON, XML or YAML files", /^(json|geojson|xml|ya?ml)$/],
  ["HDF5 files", /^(h5|hdf5)$/],
  ["MATLAB files", /^mat$/],
  ["TFRecord files", /^(tfrecords?|tfrec)$/],
  ["Parquet or Arrow files", /^(parquet|arrow|feather)$/],
  ["arrays", /^(npy|npz|pt|pkl|pickle)$/],
  ["programs", /^(py|ipynb|m|r|js|ts|sh|bat|exe)$/],
];

const AS_PNG =
  "save their images as PNG, with their labels in a metadata.csv (file_name,label), or both as an .npz in the MedMNIST layout";

/** What to do with files that may hold the images of a folder in which there are none. */
export const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["HDF5 files", AS_PNG],
  ["MATLAB files", AS_PNG],
  ["TFRecord files", AS_PNG],
  ["Parquet or Arrow files", AS_PNG],
  ["arrays", `give the .npz itself, or ${AS_PNG}`],
  ["archives", "unpack them"],
]);

/** Endings of annotation files. */
const MAYBE_ANNOTATION = /\.(json|geojson|xml|txt|ya?ml|names|labels)$/i;

function otherKind(name: string): string {
  const image = imageKind(name);
  if (image !== null) return `${image.name} images`;
  const ending = endingOf(name);
  if (ending === "")
    return /^(readme|license|licence|copying|citation|authors|changelog)/i.test(name)
      ? "documents"
      : "files without an ending";
  return KINDS.find(([, endings]) => endings.test(ending))?.[0] ?? `.${ending.slice(0, 12)} files`;
}

/** Order by code units, as names are sorted everywhere. */
const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : 1);

/**
 * Lists a folder at any depth from names and types alone; no file is opened or looked at. Links to files are listed as files.
 * A link to a folder is followed once, unless it leads to a folder that is listed anyway or around this one, so that no cycle
 * is walked.
 * @param links `refuse` leaves links to folders out. Defaults to `follow`.
 * @throws GanglionError `files` when the folder itself cannot be listed
 */
export async function walkFolder(root: string, links: Links = "follow"): Promise<FolderTree> {
  const images: string[] = [];
  const tables: string[] = [];
  const annotations: string[] = [];
  const others = new Map<string, number>();
  const count = (kind: string) => others.set(kind, (others.get(kind) ?? 0) + 1);
  const whole = await realpath(root).catch(() => root);
  const followed = new Set<string>();

  /** Whether a link leads to a folder that is still to be listed. */
  const leadsElsewhere = async (path: string): Promise<boolean> => {
    const target = await realpath(path).catch(() => null);
    if (target === null || followed.has(target)) return false;
    if (`${target}${sep}`.startsWith(`${whole}${sep}`) || `${whole}${sep}`.startsWith(`${target}${sep}`)) return false;
    for (const other of followed) if (`${target}${sep}`.startsWith(`${other}${sep}`)) return false;
    followed.add(target);
    return true;
  };

  const visit = async (folder: string, depth: number): Promise<void> => {
    let entries: Dirent[];
    try {
      entries = await readdir(join(root, folder), { withFileTypes: true });
    } catch (cause) {
      if (folder === "") throw fileError("list", root, cause);
      count("folders that cannot be listed");
      return;
    }
    for (const entry of entries.sort(byName)) {
      const { name } = entry;
      const path = folder === "" ? name : `${folder}/${name}`;
      if (LEFT_BEHIND.test(name)) {
        count("hidden or system files (.DS_Store, __MACOSX, Thumbs.db)");
        continue;
      }
      let isFolder = entry.isDirectory();
      if (entry.isSymbolicLink() && imageKind(name) === null) {
        const target = await stat(join(root, path)).catch(() => null);
        isFolder = target?.isDirectory() === true;
        if (isFolder && (links === "refuse" || !(await leadsElsewhere(join(root, path))))) {
          count("links to folders that are not followed");
          continue;
        }
      }
      if (isFolder) {
        if (depth >= MAX_DEPTH) count(`folders deeper than ${MAX_DEPTH}`);
        else await visit(path, depth + 1);
      } else if (!entry.isFile() && !entry.isSymbolicLink()) count("pipes, sockets or devices");
      else if (imageKind(name)?.read === true) images.push(path);
      else if (TABLE_NAME.test(name)) {
        if (path !== SPLIT_FILE) tables.push(path);
      } else {
        if (MAYBE_ANNOTATION.test(name)) annotations.push(path);
        count(otherKind(name));
      }
    }
  };
  await visit("", 0);
  return { images, tables, annotations, others };
}

/** Takes files that were read after all from the others. */
export function takeOut({ others }: FolderTree, paths: readonly string[]): void {
  for (const path of paths) {
    const kind = otherKind(path.slice(path.lastIndexOf("/") + 1));
    (others as Map<string, number>).set(kind, (others.get(kind) ?? 0) - 1);
  }
}

/** `left out: documents (3), TIFF images (2)`; null where nothing is. */
export function leftOutNote(others: ReadonlyMap<string, number>): string | null {
  const parts = [...others].filter(([, n]) => n > 0).map(([kind, n]) => `${kind} (${n})`);
  if (parts.length === 0) return null;
  const sheets = (others.get("spreadsheets") ?? 0) > 0 ? "; save a spreadsheet as csv where it names the images" : "";
  return `left out: ${parts.join(", ")}${sheets}`;
}
