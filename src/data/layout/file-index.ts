import { withoutImageEnding } from "./image-kinds.ts";

/** A name of a table in one spelling: slashes of Windows, a drive, `file://` and `./` gone, letters composed (NFC). */
export function plainPath(cell: string): string {
  return cell
    .trim()
    .normalize("NFC")
    .replaceAll("\\", "/")
    .replace(/^file:\/\//i, "")
    .replace(/^[a-z]:\//i, "/")
    .replace(/\/{2,}/g, "/")
    .replace(/^(\.\/)+/, "");
}

/** How a name of a table was found among the files. */
export interface Found {
  /** Files that fit equally well; one where it is clear. */
  readonly paths: readonly string[];
  /** The name is that of the file as it is written. */
  readonly exact: boolean;
}

/** Files by the names under which a table may speak of them. */
export class FileIndex {
  readonly #exact: ReadonlySet<string>;
  /** Files by the end of their path (one to three parts) without the ending of an image, in lower case and NFC. */
  readonly #byTail = new Map<string, string[]>();
  /** Files by a folder that is called by a UID, as downloads of DICOM are after their series. */
  readonly #byUid = new Map<string, string[]>();
  /** Files by the number that is the first word of their name, and by one that is the last; null for several. */
  readonly #byBeginning = new Map<string, string | null>();
  readonly #byEnd = new Map<string, string | null>();

  /** @param paths Relative, with forward slashes. */
  constructor(paths: readonly string[]) {
    this.#exact = new Set(paths);
    for (const path of paths) {
      const folders = path.split("/");
      const stem = lower(withoutImageEnding(folders.pop()!));
      for (const [part, known] of [
        [beginningOf(stem), this.#byBeginning],
        [endOf(stem), this.#byEnd],
      ] as const)
        if (part !== null) known.set(part, known.has(part) ? null : path);
      for (const uid of folders.filter((name) => UID.test(name)))
        this.#byUid.set(uid, [...(this.#byUid.get(uid) ?? []), path]);
      for (const tail of tails(lower(withoutImageEnding(path)).split("/"))) {
        const list = this.#byTail.get(tail);
        if (list === undefined) this.#byTail.set(tail, [path]);
        else list.push(path);
      }
    }
  }

  /** True where a cell may name a file: one of its files has this name without folders and ending. */
  knows(cell: string): boolean {
    return cell.trim() !== "" && this.find(cell, "").paths.length > 0;
  }

  /**
   * Files that a cell names: as a path from `base` or from the root; else those that share most with the cell from the end:
   * the name (with the ending before without, in this case before in another), then the folders.
   * @param base Folder of the table, empty for the root.
   */
  find(cell: string, base: string): Found {
    const name = cell.trim();
    for (const path of base === "" ? [name] : [`${base}/${name}`, name]) {
      if (this.#exact.has(path)) return { paths: [path], exact: true };
    }
    const plain = plainPath(name);
    if (plain === "" || plain.endsWith("/")) return { paths: [], exact: false };
    const wanted = [
      ...(base === "" ? [] : base.split("/")),
      ...plain.split("/").filter((part) => part !== "." && part !== ".."),
    ];
    // The part of a path that this folder knows, e.g. behind the name of the whole download.
    for (let i = 1; i < wanted.length - 1; i++) {
      const path = wanted.slice(i).join("/");
      if (this.#exact.has(path)) return { paths: [path], exact: false };
    }
    const files = this.#longestTail(wanted);
    if (files.length === 0) return { paths: this.#byPart(wanted), exact: false };
    let best: string[] = [];
    let most: readonly number[] = [];
    for (const path of files) {
      const score = likeness(path, wanted);
      const order = compare(score, most);
      if (order > 0) [best, most] = [[path], score];
      else if (order === 0) best.push(path);
    }
    return { paths: best, exact: false };
  }

  /** Files of the folder of the series that a path names, or the one whose name begins or ends with a number. */
  #byPart(wanted: readonly string[]): readonly string[] {
    const uid = wanted.slice(0, -1).findLast((name) => UID.test(name));
    if (uid !== undefined) return this.#byUid.get(uid) ?? [];
    const id = lower(withoutImageEnding(wanted.at(-1)!));
    const paths = [this.#byBeginning.get(id), this.#byEnd.get(id)].filter((path) => path != null);
    return paths.length === 1 ? paths : [];
  }

  /** Files that share most parts of a path from its end, at most three; the last part may be an id with dots. */
  #longestTail(wanted: readonly string[]): readonly string[] {
    const parts = wanted.map(lower);
    for (let length = Math.min(TAIL, parts.length); length > 0; length--) {
      const folders = parts.slice(-length, -1);
      const name = parts.at(-1)!;
      for (const stem of new Set([name, withoutImageEnding(name)])) {
        const found = this.#byTail.get([...folders, stem].join("/"));
        if (found !== undefined) return found;
      }
    }
    return [];
  }
}

const UID = /^\d+(\.\d+){5,}$/;

/** The id with which a longer name begins, as `20586908` of `20586908_6c613a14b80a8591_MG_R_CC`; null for other names. */
export function beginningOf(stem: string): string | null {
  const beginning = /^([a-z]*\d{5,})[-_ ]/i.exec(stem)?.[1];
  return beginning ?? null;
}

/** The number with which a name ends, as `462822612` of `10006_462822612`; null for other names. */
const endOf = (stem: string): string | null => /[-_ ]([a-z]*\d{5,})$/i.exec(stem)?.[1] ?? null;

/** Parts of a path that are indexed. */
const TAIL = 3;

function tails(parts: readonly string[]): string[] {
  return Array.from({ length: Math.min(TAIL, parts.length) }, (_, i) => parts.slice(-1 - i).join("/"));
}

const lower = (text: string): string => text.normalize("NFC").toLowerCase();

/** How much of a wanted path a file shares: its name with its ending, in the same case, and folders from the end. */
function likeness(path: string, wanted: readonly string[]): readonly number[] {
  const parts = path.normalize("NFC").split("/");
  const [file, name] = [parts.at(-1)!, wanted.at(-1)!];
  let folders = 0;
  while (
    folders + 1 < Math.min(parts.length, wanted.length) &&
    lower(parts.at(-2 - folders)!) === lower(wanted.at(-2 - folders)!)
  )
    folders++;
  return [lower(file) === lower(name) ? 1 : 0, folders, withoutImageEnding(file) === withoutImageEnding(name) ? 1 : 0];
}

function compare(a: readonly number[], b: readonly number[]): number {
  if (b.length === 0) return 1;
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}
