import type { Problem } from "../../core/errors.ts";
import type { Description } from "../columns.ts";
import { dicomImportCommand } from "../dicom/import-hint.ts";
import type { ReaderOptions } from "../readers/reader.ts";
import type { Dataset, SampleReader } from "../types.ts";
import { volumeImportCommand } from "../volumes/find-volumes.ts";
import { remedyOf } from "./image-kinds.ts";
import type { PairedMasks } from "./mask-pairs.ts";
import type { Understood } from "./understood.ts";
import { type FolderTree, REMEDIES } from "./walk.ts";

/** Readers of the samples of a layout. */
export interface LayoutReaders {
  /** Images that a table lists. @param plain As Ganglion writes it: the table is read as it stands. */
  readonly table: (plain: boolean) => SampleReader;
  /** Images whose folders say what they are. */
  readonly folders: SampleReader;
  /** The same images where some are pages of a file. */
  readonly pages: (reader: SampleReader) => SampleReader;
}

export interface Looked extends PairedMasks {
  readonly tree: FolderTree;
}

/** The parts of a reading that its steps share. */
export interface Reading {
  readonly root: string;
  readonly options: ReaderOptions;
  readonly description: Description;
  readonly headline: string;
  /** Lists the folder, once. */
  readonly look: () => Promise<Looked>;
  /** What was listed; null where nobody had to look. */
  readonly looked: () => Promise<Looked | null>;
  readonly notes: string[];
  readonly problems: Problem[];
}

/** What a way of reading gives. */
export type Read = Pick<Dataset, "reader" | "columns" | "classes" | "samples" | "unlabelled"> & {
  readonly understood: Understood;
};

/** What DICOM is called by its names. */
const DICOM_LIKE = ["DICOM images", "files without an ending"];

/** Images of other kinds that a folder holds. */
interface OtherImages {
  /** The end of a message that names them with what to do; empty for none. */
  readonly text: string;
  /** Whether an import makes images of some. */
  readonly canBeImported: boolean;
}

export async function otherImages({ root, look }: Reading): Promise<OtherImages> {
  const { others } = (await look()).tree;
  const command = DICOM_LIKE.some((kind) => others.has(kind)) ? await dicomImportCommand(root) : null;
  const unnamed = others.get("files without an ending");
  if (command !== null && !others.has("DICOM images"))
    return {
      text: `; it holds DICOM (${unnamed} files without an ending): make a dataset of them with ${command}`,
      canBeImported: true,
    };
  const found = [...others].flatMap(([kind, n]) => {
    if (kind === "DICOM images" && command !== null)
      return [`${n} DICOM files, which must be imported first: ${command}`];
    if (kind === "NIfTI images")
      return [`${n} NIfTI volumes, which must be imported first: ${volumeImportCommand(root)}`];
    const remedy = REMEDIES.get(kind) ?? remedyOf(kind.replace(/ images$/, ""));
    return remedy === null ? [] : [`${n} ${kind}, which are not read: ${remedy}`];
  });
  const text = found.length === 0 ? "" : `; it holds ${found.join("; ")}`;
  return { text, canBeImported: command !== null || others.has("NIfTI images") };
}
