import { beginningOf, FileIndex } from "../layout/file-index.ts";
import { withoutImageEnding } from "../layout/image-kinds.ts";
import { COMMON_NAMES, plainName } from "../table/column-names.ts";
import type { Table } from "../table/table.ts";

/** What of a file a table may name; empty where there is nothing of the kind. */
export interface Joinable {
  /** Path relative to the source, forward slashes. */
  readonly path: string;
  readonly instanceUid: string;
  readonly series: string;
  readonly study: string;
  readonly patient: string;
}

/** What a cell of a table may name of files, the most telling first. */
const KEY_KINDS = ["instance", "file", "series", "folder", "study", "patient"] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** A column by which rows are joined to files. */
export interface JoinKey {
  readonly column: string;
  readonly kind: KeyKind;
  /** Places of the instances that each row names; none where it names none. */
  readonly rows: readonly (readonly number[])[];
  /** Instances that some row names. */
  readonly covered: number;
}

const FOLDER_NAMES = ["filelocation", "folder", "folderpath", "directory", "dir", "seriespath", "studypath", "path"];
const KNOWN: Readonly<Record<KeyKind, readonly string[]>> = {
  instance: ["sopinstanceuid", "instanceuid", "sopuid", "imageuid", "imageid"],
  file: COMMON_NAMES.file,
  series: ["seriesinstanceuid", "seriesuid", "seriesid"],
  folder: FOLDER_NAMES,
  study: ["studyinstanceuid", "studyuid", "studyid"],
  patient: COMMON_NAMES.patient,
};

/** UIDs within a cell, as in the paths of a download, from its end. */
const uidsIn = (cell: string): string[] => [...cell.matchAll(/\d+(?:\.\d+){2,}/g)].map(([uid]) => uid).reverse();

/** A cell that is no mere number, which names of files could fit by chance. */
const isTelling = (cell: string): boolean => cell.length >= 3 && /[^\d.,\s]/.test(cell);

const stemOf = (path: string): string => withoutImageEnding(path.split(/[\\/]/).at(-1)!).toLowerCase();

/** Instances by what a cell may say of them. */
class Instances {
  readonly #exact: Readonly<Record<"instance" | "series" | "study" | "patient", Map<string, number[]>>>;
  readonly #folders = new Map<string, number[]>();
  readonly #paths: ReadonlyMap<string, number>;
  readonly #stems: ReadonlySet<string>;
  readonly #files: FileIndex;

  constructor(instances: readonly Joinable[]) {
    const by = (of: (instance: Joinable) => string) => {
      const map = new Map<string, number[]>();
      for (const [i, instance] of instances.entries()) add(map, of(instance), i);
      return map;
    };
    this.#exact = {
      instance: by(({ instanceUid }) => instanceUid),
      series: by(({ series }) => series),
      study: by(({ study }) => study),
      patient: by(({ patient }) => (patient.startsWith("study\0") ? "" : (patient.split("\0").at(-1) ?? ""))),
    };
    for (const [i, { path }] of instances.entries()) {
      const parts = path.split("/").slice(0, -1);
      for (let n = 1; n <= parts.length; n++) {
        add(this.#folders, parts.slice(0, n).join("/"), i);
        if (n > 1) add(this.#folders, parts[n - 1]!, i);
      }
    }
    const paths = instances.map(({ path }) => path);
    this.#paths = new Map(paths.map((path, i) => [path, i]));
    this.#stems = new Set(paths.map(stemOf).flatMap((stem) => [stem, beginningOf(stem) ?? stem]));
    this.#files = new FileIndex(paths);
  }

  /** Places of the instances that a cell names in one way. */
  find(cell: string, kind: KeyKind): readonly number[] {
    const name = cell.trim();
    if (name === "") return [];
    // Kaggle writes what an id is of behind it.
    const names = [name, name.replace(/_(image|series|study)$/i, "")];
    if (kind === "file") return this.#file(names);
    if (kind === "folder") return this.#folder(names);
    const map = this.#exact[kind];
    for (const each of kind === "patient" ? names : [...names, ...uidsIn(name)]) {
      const found = map.get(each);
      if (found !== undefined) return found;
    }
    return [];
  }

  #file(names: readonly string[]): readonly number[] {
    for (const name of names) {
      if (!this.#stems.has(stemOf(name)) && !this.#stems.has(name.toLowerCase())) continue;
      const { paths } = this.#files.find(name, "");
      if (paths.length > 0) return paths.map((path) => this.#paths.get(path)!);
    }
    return [];
  }

  #folder(names: readonly string[]): readonly number[] {
    for (const name of names) {
      const parts = name
        .replaceAll("\\", "/")
        .split("/")
        .filter((part) => part !== "" && part !== ".");
      for (let from = 0; from < parts.length; from++) {
        const found = this.#folders.get(parts.slice(from).join("/"));
        if (found !== undefined) return found;
      }
    }
    return [];
  }
}

function add(map: Map<string, number[]>, key: string, i: number): void {
  if (key === "") return;
  const list = map.get(key);
  if (list === undefined) map.set(key, [i]);
  else list.push(i);
}

/**
 * All ways in which columns of a table name files. Numbers alone name files, folders and patients only in columns of
 * known names, since slices are numbered too.
 */
export function joinKeys(table: Table, instances: readonly Joinable[]): JoinKey[] {
  const index = new Instances(instances);
  const keys: JoinKey[] = [];
  for (const [at, column] of table.header.entries()) {
    const cells = table.rows.map((row) => row[at]!.trim());
    const telling = cells.some(isTelling);
    for (const kind of KEY_KINDS) {
      const byChance = kind === "file" || kind === "folder" || kind === "patient";
      if (byChance && !telling && !KNOWN[kind].includes(plainName(column))) continue;
      const rows = cells.map((cell) => index.find(cell, kind));
      const covered = new Set(rows.flat()).size;
      if (covered > 0) keys.push({ column, kind, rows, covered });
    }
  }
  return keys;
}

/** Ways that reach fewer files than this share of the best one are chance. */
const LEAST = 0.5;

/**
 * The most telling way of those that reach about as many files as any, or several that differ and of which nobody can choose;
 * none where no column names a file.
 */
export function chooseKey(keys: readonly JoinKey[]): JoinKey | readonly JoinKey[] {
  const most = Math.max(0, ...keys.map(({ covered }) => covered));
  const good = keys.filter(({ covered }) => covered >= LEAST * most);
  const kind = KEY_KINDS.find((each) => good.some((key) => key.kind === each));
  const own = good.filter((key) => key.kind === kind);
  const [first, ...others] = own;
  if (first === undefined) return [];
  const same = (key: JoinKey) => JSON.stringify(key.rows) === JSON.stringify(first.rows);
  if (others.every(same)) return first;
  const rank = ({ column }: JoinKey) => KNOWN[kind!].indexOf(plainName(column)) >>> 0;
  const ranked = [...own].sort((a, b) => rank(a) - rank(b));
  return rank(ranked[0]!) < rank(ranked[1]!) ? ranked[0]! : own;
}
