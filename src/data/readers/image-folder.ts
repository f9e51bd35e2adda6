import { stat } from "node:fs/promises";
import { join } from "node:path";
import { formatProblems, GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { joinInside } from "../../core/files.ts";
import { type Links, orMissing, readInside, readJsonInside } from "../../core/inside-folder.ts";
import { named, quoted } from "../../core/quoted.ts";
import { schemaProblems } from "../../core/schema-problems.ts";
import {
  DESCRIPTION,
  type Description,
  descriptionSchema,
  FILE_NAME,
  listColumns,
  METADATA,
  resolveColumns,
} from "../columns.ts";
import { parseCsv } from "../csv.ts";
import { checkClasses, normaliseSplit, sortClasses } from "../names.ts";
import { mapLimited } from "../parallel.ts";
import type { Dataset, Sample, SampleReader } from "../types.ts";
import { IMAGE_NAME, imageFiles } from "./image-files.ts";
import type { DatasetReader, ReaderOptions } from "./reader.ts";

const SAMPLES: SampleReader = { ...imageFiles("imagefolder"), ownLayout: true };

/** Images and a table of them: what Hugging Face calls `imagefolder`, and the layout that Ganglion writes. */
export const imageFolder: DatasetReader = {
  async recognise({ root, names }) {
    if (!names.includes(METADATA)) return null;
    return { certainty: "marked", evidence: [METADATA], read: (options) => readImageFolder(root, options) };
  },
};

const MAX_METADATA_BYTES = 256 * 2 ** 20;

async function readTable(root: string, links?: Links): Promise<string> {
  const path = join(root, METADATA);
  const bytes = await readInside(root, METADATA, links);
  if (bytes.length > MAX_METADATA_BYTES) {
    throw new GanglionError(
      "dataset",
      `${path}: the file is longer than 256 MiB, the most that is read; split the set`,
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new GanglionError("dataset", `${path}: the text is not UTF-8; save it again with that encoding`, { cause });
  }
}

async function readDescription(root: string, links?: Links): Promise<Description> {
  const path = join(root, DESCRIPTION);
  const stated = await orMissing(readJsonInside(root, DESCRIPTION, links));
  if (stated === null) return {};
  const found = descriptionSchema.safeParse(stated);
  if (found.success) return found.data;
  const problems = schemaProblems(descriptionSchema, found.error, stated, "description").map((problem) => ({
    ...problem,
    path: `${DESCRIPTION}: ${problem.path}`,
    message: `${problem.message}; name columns as text: label, patient, split, mask, tone, and box as four names`,
  }));
  throw new GanglionError("dataset", formatProblems(`${path} does not describe a dataset`, problems), { problems });
}

/** Says what is wrong with a file that a row names, or null when it is there with a byte in it at least. */
async function fileProblem(root: string, name: string, where: string, what: string): Promise<Problem | null> {
  const path = joinInside(root, name);
  const shown = quoted(name);
  if (path === null) {
    const message = `the ${what} path ${shown} leads out of the dataset folder; use a path relative to it, without ..`;
    return { code: "path-outside", path: where, message };
  }
  if (!IMAGE_NAME.test(name)) {
    const message = `the ${what} ${shown} has none of the extensions .png, .jpg, .jpeg; convert it to PNG or JPEG`;
    return { code: "image-format", path: where, message };
  }
  try {
    const found = await stat(path);
    if (!found.isFile()) {
      return { code: "missing-image", path: where, message: `the ${what} ${shown} is not a file; correct the path` };
    }
    if (found.size === 0) {
      const message = `the ${what} ${shown} is empty (0 bytes); restore it or remove the row`;
      return { code: "empty-file", path: where, message };
    }
    return null;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const said = code === "ENOENT" || code === "ENOTDIR" ? "does not exist" : `cannot be read (${code})`;
    const message = `the ${what} ${shown} ${said}; add the file, correct the path or remove the row`;
    return { code: "missing-image", path: where, message };
  }
}

/** Line that a problem is about, 0 for one of the whole table. */
function lineNumber({ path }: Problem): number {
  return Number(/:(\d+)$/.exec(path)?.[1] ?? 0);
}

/**
 * Reads an image folder: images and a `metadata.csv` with a `file_name` column (the layout of Hugging Face
 * `imagefolder`). Every row is checked; all problems are thrown at once.
 * @throws GanglionError `dataset`
 */
async function readImageFolder(root: string, options: ReaderOptions): Promise<Dataset> {
  const links = options.links ?? "follow";
  const description = await readDescription(root, links);
  const table = parseCsv(await readTable(root, links), METADATA);
  const headline = `${root} cannot be read as a dataset`;
  const { header } = table;
  const problems: Problem[] = [...table.problems];
  if (header.length > 0 && !header.includes(FILE_NAME)) {
    const message = `there is no column ${FILE_NAME}, which must name each image; ${listColumns(header)}`;
    problems.push({ code: "missing-column", path: METADATA, message });
  }
  const resolved = resolveColumns(header, description, options);
  problems.push(...resolved.problems);
  const { columns } = resolved;
  if (problems.some((problem) => problem.code === "missing-column" || problem.code === "csv-header")) {
    throwIfProblems("dataset", headline, problems);
  }
  if (table.rows.length === 0 && problems.length === 0) {
    problems.push({ code: "no-images", path: METADATA, message: "the table has no rows; add one row for each image" });
  }
  throwIfProblems("dataset", headline, table.rows.length === 0 ? problems : []);

  const at = (name: string | undefined) => (name === undefined ? -1 : header.indexOf(name));
  const place = {
    file: at(FILE_NAME),
    label: at(columns.label),
    patient: at(columns.patient),
    split: at(columns.split),
    mask: at(columns.mask),
  };
  const roles = new Set(Object.values(place));
  const others = header.map((name, i) => [name, i] as const).filter(([, i]) => !roles.has(i));
  const firstLine = new Map<string, number>();
  const samples: Sample[] = [];
  let withoutPatient = 0;
  for (const [row, cells] of table.rows.entries()) {
    const where = `${METADATA}:${table.lines[row]}`;
    const fileName = cells[place.file]!.replace(/^\.\//, "");
    const cell = (index: number) => (index < 0 ? undefined : cells[index]!.trim() || undefined);
    const label = cell(place.label);
    if (fileName === "") {
      problems.push({ code: "no-file-name", path: where, message: `${FILE_NAME} is empty; name the image of the row` });
      continue;
    }
    const earlier = firstLine.get(fileName);
    if (earlier !== undefined) {
      const message = `${quoted(fileName)} is listed already in line ${earlier}; remove one of the two rows`;
      problems.push({ code: "duplicate-file", path: where, message });
    }
    firstLine.set(fileName, table.lines[row]!);
    if (place.label >= 0 && label === undefined) {
      const message = `the label (column ${named(String(columns.label))}) is empty; fill it in or remove the row`;
      problems.push({ code: "empty-label", path: where, message });
    }
    const patient = cell(place.patient);
    if (place.patient >= 0 && patient === undefined) withoutPatient++;
    const split = cell(place.split);
    const mask = cell(place.mask);
    samples.push({
      fileName,
      label: label ?? "",
      ...(patient === undefined ? {} : { patient }),
      ...(split === undefined ? {} : { split: normaliseSplit(split) }),
      ...(mask === undefined ? {} : { mask }),
      attributes: Object.fromEntries(others.map(([name, i]) => [name, cells[i]!])),
    });
  }
  const lineOf = (sample: Sample) => `${METADATA}:${firstLine.get(sample.fileName)}`;
  const checks = await mapLimited(samples, 32, async (sample) => [
    await fileProblem(root, sample.fileName, lineOf(sample), "image"),
    sample.mask === undefined ? null : await fileProblem(root, sample.mask, lineOf(sample), "mask"),
  ]);
  for (const found of checks.flat()) if (found !== null) problems.push(found);
  const classes = sortClasses(samples.map((sample) => sample.label));
  problems.push(...checkClasses(classes, METADATA));
  problems.sort((a, b) => lineNumber(a) - lineNumber(b));
  throwIfProblems("dataset", headline, problems);

  const notes = [...resolved.notes];
  if (columns.label === undefined) {
    notes.push(`no column looks like a label; all images are of one class without a name (${listColumns(header)})`);
  }
  if (withoutPatient > 0)
    notes.push(`${withoutPatient} rows have no ${columns.patient}; each counts as a patient alone`);
  const license = description.license === undefined ? {} : { license: description.license };
  return { root, reader: SAMPLES, columns, classes, samples, ...license, notes };
}
