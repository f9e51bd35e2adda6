import type { ProgressListener } from "../core/progress.ts";
import type { MapKind } from "../data/index.ts";
import type { Device } from "../graph/index.ts";
import type { Preset } from "../model/index.ts";
import type { PrivacyRequest } from "./dp/privacy.ts";
import type { RunConfig } from "./run-config.ts";

/** What a person asks of a training; everything else is resolved from data and preset. */
export interface TrainRequest {
  /** Dataset folder or npz. */
  readonly dataset: string;
  /** Column of the classes. Defaults to the dataset's own. */
  readonly label?: string | undefined;
  /** Filters `COL=VALUE` that all must hold. Defaults to none. */
  readonly where?: readonly string[] | undefined;
  /** Name of the family. Defaults to the default one. */
  readonly model?: string | undefined;
  /** What fills the lesion in the maps, of a family that fills maps. Defaults to `box`. */
  readonly mapKind?: MapKind | undefined;
  /** Defaults to `tiny` up to 32 pixels, `small` up to 64, `base` up to 128, `large` above. */
  readonly preset?: Preset | undefined;
  /** Width and height in pixels. Defaults to that of the preset. */
  readonly resolution?: number | undefined;
  /** Defaults to no limit. */
  readonly images?: number | undefined;
  /** Defaults to no limit. */
  readonly minutes?: number | undefined;
  /** Defaults to 2. */
  readonly threads?: number | undefined;
  /** Where steps are computed. Defaults to `cpu`. */
  readonly device?: Device | undefined;
  /** Element type of convolutions. Defaults to `float32`. */
  readonly precision?: RunConfig["precision"] | undefined;
  /** Defaults to 0. */
  readonly seed?: number | undefined;
  /** Changes to the preset's recipe, by name; `augment.target` and `networks.blocks` reach inside. Defaults to none. */
  readonly recipe?: Readonly<Record<string, unknown>> | undefined;
  /** Differential privacy of the training. Defaults to none. */
  readonly differentialPrivacy?: PrivacyRequest | undefined;
  /** Seconds between checkpoints. Defaults to 30. */
  readonly checkpointSeconds?: number | undefined;
  /** Who may use the generator. Defaults to the dataset's licence being unsaid. */
  readonly license?: string | undefined;
  /** Holds out 15 % of the images of a dataset without a split; false trains on all. Defaults to true. */
  readonly holdout?: boolean | undefined;
  /** Near duplicates are not looked for when images are held out: for an estimate. Defaults to false. */
  readonly quick?: boolean | undefined;
  /** Folder of a run whose split of the dataset counts. Defaults to none. */
  readonly run?: string | undefined;
  /** Begins at a low resolution, and grows. Defaults to what the family does. */
  readonly grow?: boolean | undefined;
  /** Networks to begin from: the folder of a run. Defaults to new ones. */
  readonly from?: string | undefined;
  /** `NEW=OLD`: class whose weights in the start a class begins with. Defaults to that of the same name, else the mean of all. */
  readonly fromClasses?: readonly string[] | undefined;
  /** Frozen network whose layers heads of D judge: `onnx:PATH`. Defaults to none. */
  readonly frozen?: string | undefined;
  /** Licence of a start that names none. Defaults to none, which is refused. */
  readonly fromLicense?: string | undefined;
  /** Told while maps are made. Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
}
