import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { counted } from "../../core/counted.ts";
import { formatProblems, GanglionError } from "../../core/errors.ts";
import { type Links, orMissing, readInside, writeInside } from "../../core/inside-folder.ts";
import { FILE_NAME } from "../columns.ts";
import { type CsvTable, formatCsvRow, parseCsv } from "../csv.ts";
import { normaliseSplit, sortClasses } from "../names.ts";
import type { Dataset, Sample } from "../types.ts";

/** Split of a folder of images that has no `metadata.csv` of the plain layout. */
export const SPLIT_FILE = "ganglion-split.csv";

/** A table of a split: the image, its part, and further columns as the fold. */
export interface SplitTable {
  /** Where it lies, for messages. */
  readonly path: string;
  /** Names of the columns after the first. */
  readonly columns: readonly [string, ...string[]];
  /** Cells after the first by file name. */
  readonly rows: ReadonlyMap<string, readonly string[]>;
}

/** Folder and name of the file that holds the split of a dataset: in its folder, or beside its file. */
export async function splitFilePlace(root: string): Promise<{ folder: string; name: string }> {
  const found = await stat(root).catch(() => null);
  if (found?.isFile()) return { folder: dirname(root), name: `${basename(root)}.split.csv` };
  return { folder: root, name: SPLIT_FILE };
}

/** Checks a table of a split. @throws GanglionError `dataset` with every problem */
function parseSplitTable(table: CsvTable, path: string): SplitTable {
  const problems = [...table.problems];
  const [file, column, ...others] = table.header;
  if (problems.length === 0 && (file !== FILE_NAME || column === undefined)) {
    const message = `its columns must be ${FILE_NAME}, the split, and others after them; make it again with \`ganglion split\``;
    problems.push({ code: "csv-header", path, message });
  }
  const rows = new Map<string, readonly string[]>();
  table.rows.forEach(([name, ...cells], i) => {
    if (rows.has(name!)) {
      const message = `the image ${name} is there twice; remove one of the rows`;
      problems.push({ code: "duplicate-file", path: `${path}:${table.lines[i]}`, message });
    }
    rows.set(name!, cells);
  });
  if (problems.length > 0) {
    throw new GanglionError("dataset", formatProblems(`${path} is no table of a split`, problems), { problems });
  }
  return { path, columns: [column!, ...others], rows };
}

/** Reads the table of a split; null where there is none. @throws GanglionError `dataset` or `files` */
export async function readSplitTable(
  folder: string,
  name: string,
  links: Links = "refuse",
): Promise<SplitTable | null> {
  const bytes = await orMissing(readInside(folder, name, links));
  if (bytes === null) return null;
  const path = join(folder, name);
  return parseSplitTable(parseCsv(bytes.toString("utf8").replace(/^\ufeff/, ""), path), path);
}

/** Writes the table of a split. @throws GanglionError `files` */
export async function writeSplitTable(
  folder: string,
  name: string,
  { columns, rows }: Pick<SplitTable, "columns" | "rows">,
): Promise<void> {
  const lines = [...rows].map(([file, cells]) => formatCsvRow([file, ...cells]));
  await writeInside(folder, name, `${formatCsvRow([FILE_NAME, ...columns])}${lines.join("")}`);
}

/**
 * A dataset with the split of a table in place of its own. Images that the table does not name are left out, which is said:
 * they may be of a patient who is held out.
 * @throws GanglionError `dataset` where the table names no image of the dataset
 */
export function withSplit(dataset: Dataset, { path, columns, rows }: SplitTable): Dataset {
  const [column, ...others] = columns;
  const samples = dataset.samples.flatMap((sample): Sample[] => {
    const cells = rows.get(sample.fileName);
    if (cells === undefined) return [];
    const split = normaliseSplit(cells[0]!);
    const further = Object.fromEntries(others.map((name, i) => [name, cells[i + 1]!]));
    const { split: _, ...rest } = sample;
    return [{ ...rest, ...(split === "" ? {} : { split }), attributes: { ...further, ...sample.attributes } }];
  });
  if (samples.length === 0) {
    throw new GanglionError(
      "dataset",
      `${path} names no image of ${dataset.root}; remove it, or make the split again with \`ganglion split\``,
    );
  }
  const left = dataset.samples.length - samples.length;
  const note = `the split is that of ${path}${left === 0 ? "" : `; ${counted(left, "image that it does not name is", "images that it does not name are")} left out`}`;
  return {
    ...dataset,
    columns: { ...dataset.columns, split: column },
    splitFile: path,
    samples,
    classes: sortClasses(samples.map(({ label }) => label)),
    notes: [...dataset.notes, note],
  };
}
