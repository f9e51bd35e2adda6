import { counted } from "../../core/counted.ts";
import type { Problem } from "../../core/errors.ts";
import { throwIfProblems } from "../../core/errors.ts";
import { listed, named, quoted } from "../../core/quoted.ts";
import { FILE_NAME, METADATA, resolveColumns } from "../columns.ts";
import { checkClasses, sortClasses } from "../names.ts";
import { mapLimited } from "../parallel.ts";
import { plainPath } from "./file-index.ts";
import { withoutImageEnding } from "./image-kinds.ts";
import { joinRows } from "./join-rows.ts";
import { DAMAGED, Locator } from "./locate.ts";
import type { LayoutReaders, Read, Reading } from "./reading.ts";
import { rulesOf, sourcesOf } from "./role-sources.ts";
import { samplesOf } from "./samples-of-rows.ts";
import { splitIn } from "./split-names.ts";
import type { Role } from "./understood.ts";
import type { RowOfTable, Rows } from "./unite-tables.ts";

/** Reads images that a table lists. @param known Table that is read without a search, for which nothing has to be said. */
export async function readRows(reading: Reading, table: Rows, readers: LayoutReaders, known?: string): Promise<Read> {
  const { options, description, notes, problems, headline } = reading;
  const { header, rows, file } = table;
  const tables = [...table.paths, ...(table.joined ?? [])];
  const path = tables.join(", ");
  problems.push(...table.problems);
  notes.push(...table.notes);
  const said = (["label", "patient", "split"] as const).flatMap((role) => options[role] ?? description[role] ?? []);
  const beside = new Set(
    said.filter((name) => /^(folder_\d+|split|patient|label)$/.test(name) && !header.includes(name)),
  );
  const resolved = resolveColumns(header, description, options, {
    path,
    rows: rows.map(({ cells }) => cells),
    file,
    beside,
  });
  problems.push(...resolved.problems);
  if (problems.some(({ code }) => code === "missing-column" || code === "csv-header"))
    throwIfProblems("dataset", headline, problems);
  if (rows.length === 0) {
    if (problems.length === 0)
      problems.push({ code: "no-images", path, message: "the table has no rows; add one row for each image" });
    throwIfProblems("dataset", headline, problems);
  }
  const { files, plain } = await locateRows(reading, table);
  const placed = withoutTwoSplits(rows, files, notes);
  const at = (name: string | undefined) => (name === undefined ? -1 : header.indexOf(name));
  const joined = joinRows(placed, files, header, {
    patient: at(resolved.columns.patient),
    split: at(resolved.columns.split),
    box: resolved.columns.box?.map(at) ?? [],
  });
  problems.push(...joined.problems);
  const isPlain =
    plain && path === METADATA && table.notes.length === 0 && joined.notes.length === 0 && !resolved.sizedBox;
  const made = await samplesOf(reading, table, joined.images, resolved);
  notes.push(...joined.notes);
  const classes = sortClasses(made.samples.map(({ label }) => label));
  problems.push(...checkClasses(classes, path));
  problems.sort((a, b) => lineNumber(a) - lineNumber(b));
  if (made.samples.length === 0 && problems.length === 0) {
    problems.push({ code: "no-images", path, message: `no image is left; ${notes.at(-1) ?? "add rows"}` });
  }
  throwIfProblems("dataset", headline, problems);
  const derived = (role: Role): string => {
    if (role === "mask") return "masks by their names";
    if (role === "label" && resolved.oneHot !== null) return `columns of 0 and 1: ${listed(resolved.oneHot.columns)}`;
    return role === "split" ? "the names of the tables or folders" : "the folders";
  };
  const single = tables.length === 1;
  const understood = {
    table: options.table ?? (single && known === undefined && description.table === undefined ? table.paths[0]! : null),
    file:
      options.file ??
      (single && file !== FILE_NAME && table.drawn === undefined && description.file === undefined ? file : null),
    roles: sourcesOf(header, options, description, made.columns, derived),
    boxes: resolved.columns.box ?? null,
    comment: `${single ? "table" : "tables"} ${listed(tables)}, images by column ${named(file)}; its columns: ${listed(header)}`,
    rules: rulesOf(options, description),
  };
  const { columns, samples, unlabelled } = made;
  const left = unlabelled === undefined ? {} : { unlabelled };
  return { reader: readers.table(isPlain), columns, classes, samples, understood, ...left };
}

/** The rows without the splits that their tables say, where an image is in two of them, as in tables of folds. */
function withoutTwoSplits(
  rows: readonly RowOfTable[],
  files: readonly (string | null)[],
  notes: string[],
): readonly RowOfTable[] {
  const splits = new Map<string, string>();
  const twice = rows.findIndex(({ split }, i) => {
    const file = files[i];
    if (split === undefined || file == null) return false;
    const known = splits.get(file);
    splits.set(file, split);
    return known !== undefined && known !== split;
  });
  if (twice < 0) return rows;
  notes.push(
    `tables name ${named(files[twice]!)} and others in two splits, as those of folds do, so the names of tables say no split; name one table with --table, or a column with --split`,
  );
  return rows.map((row) => ({ ...row, split: undefined }));
}

/** Line that a problem is about, 0 for one of the whole table. */
function lineNumber({ path }: Problem): number {
  return Number(/:(\d+)$/.exec(path)?.[1] ?? 0);
}

/** The image of each row, null where it is left out. */
async function locateRows(
  reading: Reading,
  { header, rows, file }: Rows,
): Promise<{ files: (string | null)[]; plain: boolean }> {
  const { root, options, look, notes, problems } = reading;
  const at = header.indexOf(file);
  const locator = new Locator(root, async () => (await look()).images);
  // A table of one split speaks of the images in the folders of that split.
  const inSplit = (split: string | undefined) =>
    split === undefined ? undefined : (path: string) => path.split("/").some((part) => splitIn(part)?.split === split);
  const found = await mapLimited(rows, 32, async ({ cells, base, split }) =>
    cells[at]!.trim() === "" ? null : locator.locate(cells[at]!, base, "image", inSplit(split)),
  );
  const spelling = new Map<string, string>();
  const skipped: string[] = [];
  let other = 0;
  let example = "";
  let plain = file === FILE_NAME;
  const files = found.map((located, i) => {
    const { where, cells } = rows[i]!;
    const cell = cells[at]!.trim();
    if (located === null) {
      problems.push({
        code: "no-file-name",
        path: where,
        message: `${named(file)} is empty; name the image of the row`,
      });
      return null;
    }
    if (!("path" in located)) {
      if (options.skipDamaged === true && DAMAGED.has(located.code)) skipped.push(cell);
      else problems.push({ code: located.code, path: where, message: located.message });
      return null;
    }
    const id = withoutImageEnding(plainPath(cell)).toLowerCase();
    const earlier = spelling.get(located.path) ?? id;
    spelling.set(located.path, earlier);
    // Two names of which each is the end of the other, or one in two folders of tables, may be one file; others are not.
    if (earlier !== id && !earlier.endsWith(`/${id}`) && !id.endsWith(`/${earlier}`)) {
      const message = `${quoted(cell)} and ${quoted(earlier)} both fit only the file ${quoted(located.path)}; write the paths from the dataset folder`;
      problems.push({ code: "ambiguous-file", path: where, message });
      return null;
    }
    if (!located.exact) {
      plain = false;
      // A table in a sub-folder may write paths from the folder above it: nothing is spelled differently then.
      if (located.path !== cell && ++other === 1) example = `${quoted(cell)} is ${quoted(located.path)}`;
    }
    return located.path;
  });
  if (other > 0)
    notes.push(
      `${counted(other, "row names its", "rows name their")} image in another spelling, without its ending or from another folder (${example})`,
    );
  if (skipped.length > 0)
    notes.push(
      `${counted(skipped.length, "row whose image is not there or empty is", "rows whose image is not there or empty are")} left out (${listed(skipped)})`,
    );
  return { files, plain };
}
