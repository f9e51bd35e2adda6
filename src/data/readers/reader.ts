import type { Links } from "../../core/inside-folder.ts";
import type { ColumnOptions } from "../columns.ts";
import type { Dataset } from "../types.ts";

/** A path that may be a dataset, looked at once for all readers. */
export interface Place {
  /** Absolute path. */
  readonly root: string;
  readonly isFolder: boolean;
  /** Names of all entries of the folder; empty for a file. */
  readonly names: readonly string[];
  /** Names of sub-folders that are not looked into. */
  readonly ignored: ReadonlySet<string>;
}

/** What a caller of {@link Recognition} insists on. */
export interface ReaderOptions extends ColumnOptions {
  /** Whether links below the folder are read through. Defaults to `follow`. */
  readonly links?: Links;
}

interface Understood {
  /**
   * How sure the reader is. `marked`: a file or a name says that the dataset is of this kind, no other reader is asked.
   * `likely`: it looks so. `fallback`: nothing speaks for it, but its problems name what is missing.
   */
  readonly certainty: "marked" | "likely" | "fallback";
  /** What was seen that speaks for this kind, one phrase each. */
  readonly evidence: readonly string[];
}

/** Code of the problem that a folder holds nothing but what an import makes images of, as DICOM and volumes. */
export const IMPORT_FIRST = "import-first";

/** What a reader makes of a place: it reads it, or it says why it does not and what to do instead. */
export type Recognition = Understood &
  (
    | {
        /** Lists and checks the samples; guesses go to the notes of the dataset. @throws GanglionError with every problem */
        readonly read: (options: ReaderOptions) => Promise<Dataset>;
      }
    | {
        /** Message of the refusal: path, what is there, remedy. */
        readonly remedy: string;
      }
  );

/** One kind of dataset: recognises its places; `dataset.reader` of what it lists opens the pixels. */
export interface DatasetReader {
  /** Single files that it reads, as a message asks for them, e.g. `an .npz in the MedMNIST layout`. Defaults to none. */
  readonly file?: string;
  /** Says what it makes of a place from names and the beginnings of files; null where it is of another kind. */
  recognise(place: Place): Promise<Recognition | null>;
}
