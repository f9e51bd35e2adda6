/** The shapes that every part of the data layer speaks in. */
import type { Links } from "../core/inside-folder.ts";
import type { Drawn } from "./annotations/shapes.ts";
import type { Understood } from "./layout/understood.ts";
import type { MaskRule } from "./masks/mask-rule.ts";

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
  /** Further masks of the image, paths as {@link Sample.mask}; where there are any, the mask is all of them together. */
  readonly moreMasks?: readonly string[];
  /** Regions that an annotation file describes; then {@link Sample.mask} is that file. */
  readonly drawn?: Drawn;
  /** All further csv columns, as text. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Value range of 16-bit grey that becomes 0..255: `(value - (center - width / 2)) / width`, clamped. */
export interface GreyWindow {
  /** Value that becomes mid grey. */
  readonly center: number;
  /** Range of values from black to white, above zero. */
  readonly width: number;
}

/**
 * Opens the samples of one kind of dataset, and says what may be done with them. Every error is a GanglionError that names
 * the file; the rest of the program asks these members and never the name.
 */
export interface SampleReader {
  /** Name of the kind, for reports alone. */
  readonly name: string;
  /** The kind as a sentence names it, e.g. `an .npz`. */
  readonly noun: string;
  /** Each image and mask is an image file of its own below `root`: it may be read, hashed or shown as the file it is. */
  readonly imageFiles: boolean;
  /** The layout that `writeDataset` writes, records of origin beside it; no other is released. */
  readonly ownLayout: boolean;
  /** Images may be 16-bit grey, for which a window is meant. */
  readonly takesWindow: boolean;
  /** `fileName` is a name that somebody gave, which `import` keeps; else a position, and copies are numbered. */
  readonly keepsNames: boolean;
  /** Name of a dataset at a path for people: without the ending that says its kind. */
  titleOf(root: string): string;
  /** Decodes an image at its own size. @param window Only given where {@link SampleReader.takesWindow}. */
  readImage(dataset: Dataset, sample: Sample, window?: GreyWindow): Promise<RawImage>;
  /** Decodes the mask of an image to one channel, 255 inside and 0 outside; null where it has none. */
  readMask(dataset: Dataset, sample: Sample): Promise<RawImage | null>;
  /** 1 when every image is stored as grey, else 3. */
  channels(dataset: Dataset): Promise<1 | 3>;
  /** SHA-256 of what is stored of an image: of its file, or of its pixels where it has none. */
  contentHash(dataset: Dataset, sample: Sample): Promise<string>;
  /** JSON values that change when stored pixels may have: sizes and times of files; decoded copies are kept by them. */
  stamps(dataset: Dataset, samples: readonly Sample[]): Promise<readonly unknown[]>;
  /** What to say of the samples that a filter left. */
  notes(dataset: Dataset): Promise<readonly string[]>;
  /** Gives back memory and handles that reading took; a later read takes them again. */
  release(): void;
}

/** A dataset that has been listed and checked; pixels are read on demand. */
export interface Dataset {
  /** Absolute path of a folder or a file. */
  readonly root: string;
  readonly reader: SampleReader;
  readonly columns: Columns;
  /** Class names, sorted; the position is the class index. */
  readonly classes: readonly string[];
  readonly samples: readonly Sample[];
  /** Which values of its masks are inside. Defaults to what each mask holds. */
  readonly maskRule?: MaskRule;
  /**
   * Range of the 16-bit grey values of the whole set, whatever a filter left of it, which becomes 0..255; found when it is
   * first asked for. Defaults to 0..65535.
   */
  readonly greyRange?: () => Promise<GreyWindow>;
  /** How many images have no label and are left out, in words; undefined where all have one. */
  readonly unlabelled?: string;
  /** Licence as `dataset.json` states it. */
  readonly license?: string;
  /** Whether links of its files are read through. Defaults to `follow`, for a dataset that the user names. */
  readonly links?: Links;
  /** How its folder was read, for a mapping. Defaults to nothing, where that cannot be chosen. */
  readonly understood?: Understood;
  /** Table that the split stands in, where it is not of the dataset itself. */
  readonly splitFile?: string;
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
