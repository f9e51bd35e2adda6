/** What the studio's server and page say to each other: JSON over HTTP, all paths under `/api`. */

import type { Box, MapKind } from "../data/maps/semantic-map.ts";
import type { Share } from "../math/wilson.ts";
import type { InputKind } from "../model/input-kind.ts";
import type { StudyProgress } from "../study/watch/progress-schema.ts";
import type { Outcome } from "../train/outcome-file.ts";

export type { Outcome, Share };

/** What was opened: runs, studies and datasets below the path that `ganglion studio` was given. */
export interface Workspace {
  readonly version: string;
  /** It is a folder in which the whole job is done; project-api.ts has its calls. */
  readonly project: boolean;
  readonly runs: readonly RunSummary[];
  readonly datasets: readonly DatasetSummary[];
  /** Studies of whether synthetic data help, `ganglion study`; reader studies are listed by `GET /api/studies`. */
  readonly watched: readonly { readonly id: string; readonly name: string }[];
}

/** `GET /api/workspace` => {@link Workspace}. */
export interface RunSummary {
  /** Names the run in paths. */
  readonly id: string;
  readonly name: string;
  /** Name of the family. */
  readonly model: string;
  /** What it draws from. */
  readonly input: InputKind;
  readonly resolution: number;
  readonly channels: 1 | 3;
  readonly classes: readonly string[];
  /** Length of the latent; 0 where one map gives one image. */
  readonly latent: number;
  /** Only of map-to-image models. */
  readonly mapKind?: MapKind;
  /** The model's tones were estimated from pixels. */
  readonly tonesEstimated?: boolean;
  /** There is a generator to draw with: `GET /api/runs/ID/generator.onnx`. */
  readonly hasGenerator: boolean;
  /** SHA-256 of the generator, its name in provenance. */
  readonly generatorHash: string | null;
}

export interface DatasetSummary {
  readonly id: string;
  readonly name: string;
  readonly images: number;
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  readonly splits: readonly string[];
  /** Images a tone, I to VI; null where the dataset states none and none were estimated. */
  readonly tones: readonly number[] | null;
  /**
   * Tones were estimated from the pixels outside of the lesions, which `POST /api/datasets/ID/tones` asks for; it answers with the
   * summary when all are, and takes some hundredths of a second an image.
   */
  readonly tonesEstimated: boolean;
  readonly hasMasks: boolean;
  readonly hasBoxes: boolean;
  /** Every image is synthetic (column `synthetic`). */
  readonly synthetic: boolean;
}

/** `GET /api/datasets/ID/images?class=&split=&tone=&offset=&limit=`. */
export interface ImagePage {
  readonly total: number;
  readonly images: readonly DatasetImage[];
}

/** Pictures: `GET /api/datasets/ID/images/INDEX.png?size=N` and `.../INDEX-mask.png`. */
export interface DatasetImage {
  readonly index: number;
  readonly label: string;
  readonly split: string | null;
  readonly tone: number | null;
  readonly boxes: readonly Box[];
  readonly hasMask: boolean;
  /** Further columns; never the patient's, unless the studio was started with `--show-patients`. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** `GET /api/runs/ID/progress`, and each event of the stream `GET /api/runs/ID/progress/events`. */
export interface RunProgress {
  /** `training`: a process trains it now; `ended`: none does. */
  readonly state: "training" | "ended";
  /** What is done before the first step, e.g. `decode`; null while steps are trained and when none is done. */
  readonly stage: {
    readonly name: string;
    readonly done: number;
    readonly total: number | null;
    readonly unit: string;
  } | null;
  readonly images: number | null;
  readonly minutes: number | null;
  readonly imagesSeen: number;
  readonly seconds: number;
  /** Estimated; null where unknown or ended. */
  readonly secondsLeft: number | null;
  /**
   * Lines of stats.jsonl, oldest first; in events only those that are new: the first event of a connection has all. Lines of
   * fewer images seen than an earlier one replace what followed: the run was resumed from an older checkpoint.
   */
  readonly stats: readonly Readonly<Record<string, number | string | null>>[];
  /** Grids in order, e.g. `real`, `000005000`: `GET /api/runs/ID/samples/NAME.png`. */
  readonly samples: readonly string[];
  /** What the training came to, once it has ended; null before, and where there is no `outcome.json` that fits. */
  readonly outcome: Outcome | null;
}

/** `GET /api/watch/ID`, and each event of the stream `GET /api/watch/ID/events`. */
export interface WatchedStudy {
  readonly progress: StudyProgress;
  /** It says that it runs and has not been heard of for a minute: its process has ended, or the clocks are apart. */
  readonly interrupted: boolean;
  /** Results that there are, by name: `GET /api/watch/ID/files/NAME`. */
  readonly files: readonly string[];
}

/** A drawing that joins a set: `POST /api/runs/ID/set` adds it to `studio-set/maps.csv` in the run's folder. */
export interface Drawing {
  readonly condition: string;
  readonly tone: number;
  readonly seed: number;
  /** Boxes, for a map of kind `box`. */
  readonly boxes: readonly Box[];
  /** PNG of the region as base64, grey, 0 outside and 255 inside, of the run's resolution; absent where boxes say all. */
  readonly mask?: string;
}

/** Answer to a {@link Drawing}. */
export interface DrawingSet {
  /** Drawings in the set. */
  readonly count: number;
  /** Path of the csv for `ganglion generate RUN --maps`. */
  readonly maps: string;
}

/** A reader study: `GET /api/studies` => StudySummary[], `POST /api/studies` with {@link StudyRequest} => StudySummary. */
export interface StudyRequest {
  readonly name: string;
  readonly realDataset: string;
  readonly syntheticDataset: string;
  /** Images of each kind; classes in the proportions of the smaller set of each class. */
  readonly perKind: number;
  readonly seed: number;
}

export interface StudySummary {
  readonly id: string;
  readonly name: string;
  readonly images: number;
  readonly readers: readonly { readonly name: string; readonly answered: number }[];
}

/** `GET /api/studies/ID/next?reader=NAME`; the picture is `GET /api/studies/ID/images/KEY.png`, whose key says nothing. */
export interface StudyQuestion {
  readonly key: string | null;
  /** Key of the picture after this one, so that it can be loaded meanwhile; null at the end. */
  readonly following: string | null;
  readonly answered: number;
  readonly images: number;
}

/** `POST /api/studies/ID/answers`: kept on disk before the answer comes back. => {@link StudyQuestion} that follows */
export interface StudyAnswer {
  readonly reader: string;
  readonly key: string;
  readonly answer: "real" | "synthetic";
  /** From showing the picture to the answer. */
  readonly milliseconds: number;
}

/** `GET /api/studies/ID/results`; `GET /api/studies/ID/answers.csv` has every answer, `GET /api/studies/ID/results.json` these results as a file. */
export interface StudyResults {
  readonly rows: readonly {
    /** `all`, or a reader's name. */
    readonly reader: string;
    /** `all`, or a class. */
    readonly label: string;
    /** Synthetic images that were called synthetic. */
    readonly truePositive: Share;
    /** Real images that were called synthetic. */
    readonly falsePositive: Share;
  }[];
  /** Fleiss' kappa over images that every reader answered; null below two readers (Fleiss 1971, doi 10.1037/h0031619). */
  readonly kappa: { readonly value: number; readonly images: number; readonly readers: number } | null;
  /** Told apart or not, in a sentence; null where there are too few answers. The difference is TPR less FPR with its 95 % interval. */
  readonly verdict: {
    readonly toldApart: boolean | null;
    readonly sentence: string;
    readonly difference: { readonly value: number; readonly low: number; readonly high: number } | null;
  };
}

/** Every error: status 4xx or 5xx with this body. */
export interface ApiError {
  readonly error: { readonly code: string; readonly message: string };
}
