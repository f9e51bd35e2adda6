import { invariant } from "../core/errors.ts";
import { pickedImages } from "./picked-images.ts";
import { relabelledImages } from "./relabelled-images.ts";
import type { Run } from "./run-folder.ts";
import { refuseSampler } from "./sampler-problem.ts";
import type { Synthesis, SynthesisOptions } from "./synthesis.ts";

/**
 * Draws synthetic images in flat memory, class by class (of `relabel` as they come); `tallies` is complete when the images have ended.
 * @throws GanglionError `usage` for a sampler that has no meaning for the run's family
 */
export function synthesise(run: Run, options: SynthesisOptions): Synthesis {
  const { sampler } = options;
  refuseSampler(run.model, sampler);
  if (sampler.kind !== "relabel") return pickedImages(run, sampler, options);
  invariant(options.labeller !== undefined, "relabel needs a classifier");
  return relabelledImages(run, options.labeller, options);
}
