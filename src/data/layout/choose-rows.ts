import { GanglionError, throwIfProblems } from "../../core/errors.ts";
import type { Links } from "../../core/inside-folder.ts";
import { listed, named, quoted } from "../../core/quoted.ts";
import { FILE_NAME, findColumn, listColumns } from "../columns.ts";
import type { Table } from "../table/table.ts";
import { FileIndex, plainPath } from "./file-index.ts";
import { fileColumn, findTables, folderOf, headed, readTable } from "./find-tables.ts";
import { otherImages, type Reading } from "./reading.ts";
import { asImageTable, findTextTables, readText } from "./text-tables.ts";
import { joinShared, type Rows, uniteTables } from "./unite-tables.ts";
import { takeOut } from "./walk.ts";

/** The rows of the table that was named, of `table`, or of the tables that name the images; null where there is none. */
export async function rowsOf(reading: Reading, table: string | undefined): Promise<Rows | null> {
  const { root, options, description, look, headline } = reading;
  const links = options.links ?? "follow";
  const stated = options.file ?? description.file;
  const chosen = options.table ?? description.table;
  const wanted = chosen ?? table;
  if (wanted === undefined) return rowsOfTables(reading, stated);
  const isListed = chosen === undefined || (await look()).tree.tables.includes(wanted);
  const path = isListed ? wanted : plainPath(wanted);
  if (chosen !== undefined && !isListed) {
    const { tree, images } = await look();
    const index = new FileIndex(images);
    const text = tree.annotations.includes(path) ? await readText(root, path, index, links) : null;
    if (text !== null) {
      takeOut(tree, [path]);
      const found = asImageTable(text, index);
      const file = stated === undefined ? undefined : findColumn(found.table.header, stated);
      return rowsOfTable(found.table, file ?? found.file, found.base);
    }
  }
  if (chosen !== undefined && !(await look()).tree.tables.includes(path)) {
    const { tables } = (await look()).tree;
    const there = tables.length === 0 ? "there are no tables" : `the tables are ${listed(tables)}`;
    throw new GanglionError(
      "dataset",
      `${root}: there is no table ${quoted(wanted)} (${options.origin ?? "--table"}); ${there}`,
    );
  }
  const base = folderOf(path);
  const found = await readTable(root, path, links);
  if (stated === undefined && found.header.includes(FILE_NAME)) return rowsOfTable(found, FILE_NAME, base);
  if (found.header.length === 0) return rowsOfTable(found, FILE_NAME, base);
  // One that does not name files as Ganglion does is a table like the others, if there are others.
  if (chosen === undefined && (await look()).tree.tables.length > 1) {
    const rows = await rowsOfTables(reading, stated);
    if (rows !== null) return rows;
  }
  const index = new FileIndex((await look()).images);
  const own = headed(found, index);
  const file = stated === undefined ? fileColumn(own, base, index) : findColumn(own.header, stated);
  if (file === null || file === undefined) {
    const what =
      stated === undefined
        ? `no column names the images that are there (as ${FILE_NAME} does); name it with --file COL, or "file" in dataset.json`
        : `there is no column ${quoted(stated)} for the file (named by ${options.file === undefined ? "dataset.json" : (options.origin ?? "--file")})`;
    const message = `${what}; ${listColumns(own.header)}${(await otherImages(reading)).text}`;
    throwIfProblems("dataset", headline, [...own.problems, { code: "missing-column", path, message }]);
  }
  if (stated === undefined)
    reading.notes.push(
      `guessed that column ${named(file!)} names the images; say otherwise with --file COL or dataset.json`,
    );
  return rowsOfTable(own, file!, base);
}

/** Rows with the columns of a table of studies or patients; null where it is none, or cannot be read. */
async function sharedRows({ root }: Reading, rows: Rows, path: string, links: Links): Promise<Rows | null> {
  try {
    return joinShared(rows, await readTable(root, path, links));
  } catch (cause) {
    if (cause instanceof GanglionError && cause.code === "dataset") return null;
    throw cause;
  }
}

/** The rows of the tables that name the images; null where there is none. */
async function rowsOfTables(reading: Reading, stated: string | undefined): Promise<Rows | null> {
  const { root, options, description, look } = reading;
  const { tree, images } = await look();
  const links = options.links ?? "follow";
  const index = new FileIndex(images);
  const { tables, unrelated, notes } = await findTables(root, tree.tables, index, stated, links);
  if (tables.length === 0) {
    tables.push(...(await findTextTables(root, tree.annotations, index, links)));
    takeOut(
      tree,
      tables.map(({ table }) => table.path),
    );
  }
  let rows = uniteTables(root, tables, description, options);
  const left: string[] = [];
  for (const path of unrelated) {
    const joined = rows === null ? null : await sharedRows(reading, rows, path, links);
    if (joined === null) left.push(path);
    else rows = joined;
  }
  if (left.length > 0) notes.push(`tables that name none of the images are left out: ${listed(left)}`);
  reading.notes.push(...notes);
  if (rows !== null)
    reading.notes.push(`the table ${listed(rows.paths)} names the images (column ${named(rows.file)})`);
  return rows;
}

function rowsOfTable(table: Table, file: string, base: string): Rows {
  const rows = table.rows.map((cells, i) => ({
    cells,
    where: `${table.path}:${table.lines[i]}`,
    base,
    split: undefined,
  }));
  return { header: table.header, file, rows, notes: table.notes, problems: table.problems, paths: [table.path] };
}
