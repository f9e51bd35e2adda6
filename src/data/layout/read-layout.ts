import type { Links } from "../../core/inside-folder.ts";
import { annotationRows, CATEGORY, withAnnotations } from "../annotations/annotation-rows.ts";
import { greyRangeOf } from "../grey-range.ts";
import { fileOf } from "../image-file.ts";
import { maskRuleOf } from "../masks/dataset-masks.ts";
import type { ReaderOptions } from "../readers/reader.ts";
import { spellingNotes } from "../table/missing-labels.ts";
import type { Dataset } from "../types.ts";
import { rowsOf } from "./choose-rows.ts";
import { readDescription } from "./description.ts";
import { foldersOf } from "./folders.ts";
import { pairMasks } from "./mask-pairs.ts";
import { readFolders } from "./read-folders.ts";
import { readRows } from "./read-rows.ts";
import type { LayoutReaders, Looked, Read, Reading } from "./reading.ts";
import { withSplitLists } from "./split-lists.ts";
import { tiffPages } from "./tiff-pages.ts";
import type { Rows } from "./unite-tables.ts";
import { walkFolder } from "./walk.ts";

/** Rows of annotations, or of a table with what they add; null where there are none. */
async function annotationsOf(reading: Reading, listed: Rows | null): Promise<Rows | null> {
  const { options, description, look, looked } = reading;
  // A table that is read as it stands has its boxes and masks, if there are any.
  if ((await looked()) === null && options.annotations === undefined) return null;
  // A column of files is one of a table.
  if (listed === null && (options.file ?? description.file) !== undefined) return null;
  const { images } = await look();
  const wanted = options.label ?? description.label;
  // Images that are all in one folder are of no class by it.
  const level = foldersOf(images).roles.label;
  const tells = level !== null && new Set(level.values).size > 1;
  const ofFolders = listed === null && (wanted === undefined ? tells : wanted !== CATEGORY);
  const found = await annotationRows(reading, listed !== null || ofFolders);
  return found === null || listed === null ? found : withAnnotations(listed, found);
}

/** Column that holds the file of a page, which is its patient where no column says one. */
const FILE_OF_PAGE = "tiff_file";

/** Makes images of the pages of TIFF files. */
async function withPages(
  root: string,
  links: Links,
  read: Read,
  readers: LayoutReaders,
  notes: string[],
): Promise<Read> {
  const samples = await tiffPages(root, read.samples, links, notes);
  if (samples === null) return read;
  const reader = readers.pages(read.reader);
  if (read.columns.patient !== undefined) return { ...read, reader, samples };
  const grouped = samples.map((sample) => ({ ...sample, patient: fileOf(sample.fileName).file }));
  return { ...read, reader, columns: { ...read.columns, patient: FILE_OF_PAGE }, samples: grouped };
}

/**
 * Reads a folder of images in any layout: a table beside or above the images, or folders that are their splits, classes and
 * patients, with masks beside them. What was understood, left out and guessed is said in the notes.
 * @param table Table that is read for certain; its `file_name` names files as they are called, so that a folder is listed
 *   only where one is not found. Defaults to the tables that name the images, if there are any.
 * @throws GanglionError `dataset` with every problem, or with the readings between which somebody has to choose
 */
export async function readLayout(
  root: string,
  options: ReaderOptions,
  readers: LayoutReaders,
  table?: string,
): Promise<Dataset> {
  const links = options.links ?? "follow";
  let looked: Promise<Looked> | null = null;
  const look = () => {
    looked ??= walkFolder(root, links).then((tree) => ({ tree, ...pairMasks(tree.images) }));
    return looked;
  };
  const reading: Reading = {
    root,
    options,
    description: await readDescription(root, links),
    headline: `${root} cannot be read as a dataset`,
    look,
    looked: async () => looked,
    notes: [],
    problems: [],
  };
  const listed = await rowsOf(reading, table);
  const annotated = await annotationsOf(reading, listed);
  const rows = annotated ?? listed;
  const own =
    rows === null
      ? await readFolders(reading, readers)
      : await readRows(reading, rows, readers, annotated !== null && listed === null ? "annotations" : table);
  const files = await withSplitLists(reading, own);
  const read = await withPages(root, links, files, readers, reading.notes);
  const { license } = reading.description;
  const masks = await maskRuleOf(root, links, read.samples, {
    stated: options.maskValues ?? reading.description.maskValues,
    own: options.maskValues === undefined && read.reader.ownLayout,
  });
  const notes = [...reading.notes, ...spellingNotes(read.classes), ...(masks?.notes ?? [])];
  const greyRange = greyRangeOf(
    root,
    read.samples.map(({ fileName }) => fileName),
    links,
  );
  return {
    root,
    ...read,
    greyRange,
    ...(license === undefined ? {} : { license }),
    ...(masks === null ? {} : { maskRule: masks.rule }),
    notes,
  };
}
