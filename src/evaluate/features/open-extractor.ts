import { GanglionError } from "../../core/errors.ts";
import type { ProgressListener } from "../../core/progress.ts";
import type { EvaluatedSet } from "../datasets.ts";
import { trainEncoder } from "./encoder.ts";
import type { FeatureExtractor } from "./extractor.ts";
import { openOnnxExtractor } from "./onnx-extractor.ts";

/** What an extractor may be made from. */
export interface ExtractorContext {
  /** The real dataset, which `encoder` is trained on. */
  readonly real: EvaluatedSet;
  readonly seed: number;
  readonly threads: number;
  readonly onProgress: ProgressListener;
}

/** Opens one kind of extractor; `argument` is what follows the colon, empty where there is none. */
type Opener = (argument: string, context: ExtractorContext) => Promise<FeatureExtractor>;

/** Every kind of `--features`. */
const openers: Readonly<Record<string, Opener>> = {
  encoder: (argument, { real, seed, threads, onProgress }) => {
    if (argument !== "")
      throw new GanglionError("usage", `--features encoder:${argument}: encoder takes nothing after it`);
    const patients = real.dataset.samples.map(({ patient }) => patient);
    return trainEncoder(real.store, { patients, seed, threads, onProgress });
  },
  onnx: (path, { threads }) => {
    if (path !== "") return openOnnxExtractor(path, { threads });
    throw new GanglionError("usage", "--features onnx: a path is missing; write onnx:PATH, e.g. onnx:model.onnx");
  },
};

/**
 * Opens the extractor that `--features` names: `KIND` or `KIND:ARGUMENT`.
 * @throws GanglionError `usage` for an unknown kind, and what the extractor throws
 */
export async function openExtractor(spec: string, context: ExtractorContext): Promise<FeatureExtractor> {
  const colon = spec.indexOf(":");
  const kind = colon < 0 ? spec : spec.slice(0, colon);
  const opener = Object.hasOwn(openers, kind) ? openers[kind] : undefined;
  if (opener === undefined) {
    const kinds = Object.keys(openers).join(", ");
    throw new GanglionError("usage", `--features ${spec}: there is no such extractor; there are ${kinds}`);
  }
  return opener(colon < 0 ? "" : spec.slice(colon + 1), context);
}
