import type { AuditFile } from "../audit/audit-file.ts";
import type { ProgressListener } from "../core/progress.ts";
import type { RawImage } from "../data/types.ts";
import type { MetricsFile } from "../evaluate/metrics-file.ts";
import type { Origin } from "../model/index.ts";
import type { Residual } from "./gate/reproduction-rules.ts";

/** Corners of a box in whole pixels: x_min, y_min, x_max, y_max, maximum exclusive. */
export type ReleaseBox = readonly [number, number, number, number];

/** An image that the gate let through. Nothing of it was checked less than its pixels are: names, cells and numbers too. */
export interface ReleaseImage {
  /** `images/CLASS/000001.png`: says nothing but the class and a number. */
  readonly fileName: string;
  /** Class name. */
  readonly label: string;
  /** Further columns, e.g. `tone`; no patient, no split, no path. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Seed that the image was drawn from. */
  readonly seed: number;
  /** SHA-256 of the generator that drew it. */
  readonly generator: string;
  /** Boxes that were asked for; none for sets without boxes. */
  readonly boxes: readonly ReleaseBox[];
  /** Region that was asked for; null for sets without masks. Pixels: one channel, 0 or 255. */
  readonly mask: { readonly fileName: string; pixels(): Promise<RawImage> } | null;
  /** Size in pixels. */
  readonly width: number;
  readonly height: number;
  /** Decodes the image to 8 bits, grey or sRGB. @throws GanglionError */
  pixels(): Promise<RawImage>;
}

/** Under which terms the release is used. */
export interface ReleaseLicense {
  /** SPDX identifier, e.g. `CC0-1.0`, or `LicenseRef-...`. */
  readonly spdx: string;
  /** Where its text is. */
  readonly url: string;
}

/** What the training behind the images guaranteed. */
export type ReleasePrivacy = NonNullable<NonNullable<AuditFile["run"]>["differentialPrivacy"]>;

/** All that a package is made from; the same for every format. */
export interface ReleaseContent {
  /** Name of the release: letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  /** One paragraph for people. */
  readonly description: string;
  readonly license: ReleaseLicense;
  /** Person or organisation that answers for the release; null where none is stated. */
  readonly creator: string | null;
  /** Where it can be found; null where it is not stated. */
  readonly url: string | null;
  /** `YYYY-MM-DD`; null where none is stated: two releases of the same inputs are then the same bytes on any day. */
  readonly date: string | null;
  /** Version of Ganglion. */
  readonly version: string;
  /** Names the content: SHA-256 over all that is written, hex. What must be unique to the release is made from it (UIDs). */
  readonly hash: string;
  /** Class names, sorted. */
  readonly classes: readonly string[];
  /** In the order of the dataset. */
  readonly images: readonly ReleaseImage[];
  /** Images that were called copies and left out. */
  readonly removed: number;
  /** Whether a classifier of the training images said the classes of images, rather than who asked for them. */
  readonly relabelled: boolean;
  /** How far the set was from what its run drew again, which is what is released; null after `--without-run`. */
  readonly residual: Residual | null;
  /** Whether the audit was made again against the training images. */
  readonly compared: boolean;
  /** Networks that the training of the generator began from, nearest first. */
  readonly starts: readonly Origin[];
  /** What was not shown and is released all the same, one sentence each: every card repeats it. */
  readonly statements: readonly string[];
  readonly audit: AuditFile;
  /** Figures of `ganglion evaluate`; null where none were given. */
  readonly metrics: MetricsFile | null;
  /** Null where the images were not drawn by a generator trained with differential privacy, or no run says so. */
  readonly privacy: ReleasePrivacy | null;
}

export interface PackageOptions {
  /** Told as images are written. */
  readonly onProgress: ProgressListener;
  /** Ends the work between two images. */
  readonly signal: AbortSignal;
}

/** What a format says of what it wrote. */
export interface WrittenPackage {
  /** Files and folders it wrote, each in one sentence, for the card: `data/metadata.csv` to what it holds. */
  readonly contents: Readonly<Record<string, string>>;
  /** YAML front matter of the card, as plain data. Defaults to none. */
  readonly frontMatter?: Readonly<Record<string, unknown>>;
  /** What a person should know, one sentence each. */
  readonly notes: readonly string[];
}

/** A kind of package. The card, `provenance.json`, `LICENSE`, the generator and `SHA256SUMS` are written for every kind. */
export interface PackageFormat {
  /** Value of `--format`. */
  readonly name: string;
  /** Problems that make the content unfit for the format, e.g. images of two sizes. Nothing is written where there is one. */
  check?(content: ReleaseContent): string[];
  /**
   * Writes the images into an empty folder: the same content gives the same bytes. Names are relative, without hidden files.
   * @throws GanglionError
   */
  write(content: ReleaseContent, folder: string, options: PackageOptions): Promise<WrittenPackage>;
}
