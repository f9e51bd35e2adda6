import { type Links, readInside } from "../../core/inside-folder.ts";
import { listed } from "../../core/quoted.ts";
import type { Columns, Sample } from "../types.ts";
import { FileIndex } from "./file-index.ts";
import type { Read, Reading } from "./reading.ts";
import { splitIn } from "./split-names.ts";

/** Longest list that is read, bytes. */
const MAX_BYTES = 32 * 2 ** 20;
/** Lists that are looked at. */
const MOST_LISTS = 12;
/** Share of the lines of a list that name an image. */
const MOST = 0.9;

/** The split of which a list is by its name: `test_list.txt`, `train_val_list.txt` is of what is trained on. */
function splitOfList(path: string): string | null {
  const name = path
    .split("/")
    .at(-1)!
    .replace(/\.[^.]+$/, "");
  if (/(^|[^a-z])train(ing)?[-_ ]?(and[-_ ]?)?val(id|idation)?([^a-z]|$)/i.test(name)) return "train";
  return splitIn(name)?.split ?? null;
}

/** The image of a line: of its words the first that is a file alone. */
function imageOf(line: string, index: FileIndex): string | null {
  for (const word of [line, ...line.split(/[\s,;]+/)]) {
    if (!/[^\d.\s]/.test(word)) continue;
    const { paths } = index.find(word, "");
    if (paths.length === 1) return paths[0]!;
  }
  return null;
}

/** The images that lists of files name, by split; null where there are no two lists of different splits, or an image is in two. */
async function readLists(
  root: string,
  paths: readonly string[],
  samples: readonly Sample[],
  links: Links,
): Promise<{ splits: Map<string, string>; lists: string[] } | null> {
  const candidates = paths.flatMap((path) => {
    const split = /\.(txt|lst)$/i.test(path) ? splitOfList(path) : null;
    return split === null ? [] : [{ path, split }];
  });
  if (new Set(candidates.map(({ split }) => split)).size < 2) return null;
  const index = new FileIndex(samples.map(({ fileName }) => fileName));
  const splits = new Map<string, string>();
  const lists: string[] = [];
  for (const { path, split } of candidates.slice(0, MOST_LISTS)) {
    const bytes = await readInside(root, path, links).catch(() => null);
    if (bytes === null || bytes.length > MAX_BYTES) continue;
    const lines = bytes.toString("utf8").split(/\r?\n/);
    const named = lines.map((line) => line.trim()).filter((line) => line !== "");
    const found = named.flatMap((line) => imageOf(line, index) ?? []);
    if (found.length === 0 || found.length < MOST * named.length) continue;
    if (found.some((name) => (splits.get(name) ?? split) !== split)) return null;
    for (const name of found) splits.set(name, split);
    lists.push(path);
  }
  return new Set(splits.values()).size < 2 ? null : { splits, lists };
}

/**
 * Takes the split from lists of files (`train_val_list.txt` and `test_list.txt` of NIH, `train.txt` and `test.txt` of COVIDx) where
 * neither a column nor folders say one and nobody asked for none.
 */
export async function withSplitLists(reading: Reading, read: Read): Promise<Read> {
  const { root, options, description, looked, notes } = reading;
  const found = await looked();
  const asked = options.split ?? description.split;
  if (found === null || asked !== undefined || read.columns.split !== undefined) return read;
  const lists = await readLists(root, found.tree.annotations, read.samples, options.links ?? "follow");
  if (lists === null) return read;
  const without = read.samples.filter(({ fileName }) => !lists.splits.has(fileName)).length;
  const rest = without === 0 ? "" : `; ${without} images are in none of them`;
  notes.push(
    `the split is that of the lists ${listed(lists.lists)}${rest}; say otherwise with --split COL, or --split ""`,
  );
  const columns: Columns = { ...read.columns, split: "split" };
  const samples = read.samples.map((sample) => {
    const split = lists.splits.get(sample.fileName);
    return split === undefined ? sample : { ...sample, split };
  });
  const roles = { ...read.understood.roles, split: { derived: `lists of files: ${listed(lists.lists)}` } };
  return { ...read, columns, samples, understood: { ...read.understood, roles } };
}
