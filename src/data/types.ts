/** The shapes that every part of the data layer speaks in. */
import type { Links } from "../core/inside-folder.ts";

/** Columns of `metadata.csv` by role; named in `dataset.json` or by options, else guessed from common names. */
export interface Columns {
  readonly label?: string;
  readonly patient?: string;
  readonly split?: string;
  readonly mask?: string;
  /** Box corner columns in pixels of the stored image: x_min, y_min, x_max, y_max (max exclusive). */
  readonly box?: readonly [string, string, string, string];
  readonly tone?: string;
}

/** One labelled image of a dataset. */
export interface Sample {
  /** Path relative to the dataset folder with forward slashes; `train/12` for row 12 of `train_images` in an npz. */
  readonly fileName: string;
  /** Class name; the empty string where the dataset has no label column. */
  readonly label: string;
  readonly patient?: string;
  /** Split as the dataset names it, lower case, `validation` read as `val`. */
  readonly split?: string;
  /** Mask path relative to the dataset folder. */
  readonly mask?: string;
  /** All further csv columns, as text. */
  readonly attributes: Readonly<Record<string, string>>;
}

export type DatasetKind = "imagefolder" | "class-folders" | "npz";

/** A dataset that has been listed and checked; pixels are read on demand. */
export interface Dataset {
  /** Folder, or the `.npz` file. */
  readonly root: string;
  readonly kind: DatasetKind;
  readonly columns: Columns;
  /** Class names, sorted; the position is the class index. */
  readonly classes: readonly string[];
  readonly samples: readonly Sample[];
  /** Licence as `dataset.json` states it. */
  readonly license?: string;
  /** Whether links of its files are read through. Defaults to `follow`, for a dataset that the user names. */
  readonly links?: Links;
  /** What was guessed or left out, to be said aloud. */
  readonly notes: readonly string[];
}

/** Decoded image: 8 bits a channel, rows from the top, `HWC`. */
export interface RawImage {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 sRGB. */
  readonly channels: 1 | 3;
  /** Length height * width * channels, range 0..255. */
  readonly data: Uint8Array;
}

/** Images of one size as plain data, from which any thread can open them. */
export interface PackedImages {
  /** Path of a packed file, or the images themselves: uint8 `NCHW`. */
  readonly source: string | Uint8Array;
  /** Width and height in pixels. */
  readonly resolution: number;
  readonly channels: 1 | 3;
  readonly classes: readonly string[];
  /** Class index per image. */
  readonly labels: Uint16Array;
}

/** Images of one size, decoded once, read by index in flat memory. */
export interface PackedStore extends PackedImages {
  readonly count: number;
  /** Copies images into `out`, uint8 `NCHW`, length indices.length * channels * resolution^2. */
  readInto(indices: ArrayLike<number>, out: Uint8Array): void;
  close(): void;
}
