import { percentFixed } from "../core/percent.ts";
import { silent } from "../core/progress.ts";
import { imageOfPlanes } from "./draw.ts";
import { ImageNames } from "./image-names.ts";
import type { Labeller } from "./labeller.ts";
import type { ProvenanceRecord } from "./provenance.ts";
import { relabel } from "./relabel.ts";
import type { Run } from "./run-folder.ts";
import { samplerText } from "./sampler.ts";
import { checkStopped, type Synthesis, type SynthesisOptions, type SyntheticImage } from "./synthesis.ts";

/** Images of the classes that a classifier gives them, with their records, in the order in which they were drawn. */
export function relabelledImages(
  { generator }: Run,
  labeller: Labeller,
  { counts, sampler, seed, folder = "images", onProgress = silent, signal }: SynthesisOptions,
): Synthesis {
  const { classes, resolution, channels } = generator.description;
  const wanted = counts.filter(({ count }) => count > 0);
  const tallies = wanted.map(({ name, count }) => ({
    name,
    images: count,
    candidates: 0,
    acceptance: null as number | null,
  }));
  const total = wanted.reduce((sum, { count }) => sum + count, 0);
  const kept = new Map(wanted.map(({ name }) => [name, 0]));
  let [made, candidates] = [0, 0];

  async function* all(): AsyncGenerator<SyntheticImage> {
    const names = new ImageNames(folder, labeller.classes);
    const chosen = relabel(wanted, {
      generator,
      labeller,
      seed,
      tried({ classIndex }, label, used) {
        checkStopped(signal, made, total);
        candidates++;
        if (used) made++;
        const drawnAs = classes[classIndex]!;
        const tally = tallies.find(({ name }) => name === drawnAs);
        if (tally !== undefined) {
          if (labeller.classes[label] === drawnAs) kept.set(drawnAs, kept.get(drawnAs)! + 1);
          tally.candidates++;
          tally.acceptance = kept.get(drawnAs)! / tally.candidates;
        }
        if (candidates % generator.batch !== 0) return;
        const figures = { used: percentFixed(made / candidates, 1) };
        onProgress({ stage: "generate", done: made, total, unit: "images", figures });
      },
    });
    for await (const { label, classIndex, probability, planes, seed: own } of chosen) {
      const record: ProvenanceRecord = {
        file_name: names.next(label),
        generator: generator.hash,
        ...(generator.device === "cpu" ? {} : { device: generator.device }),
        seed: own,
        class: labeller.classes[label]!,
        drawn_as: classes[classIndex]!,
        sampler: samplerText(sampler),
        probability,
      };
      yield { record, image: imageOfPlanes(planes, resolution, channels) };
    }
  }
  return { images: all(), tallies };
}
