import { GanglionError } from "../core/errors.ts";
import { percentFixed } from "../core/percent.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import type { RawImage } from "../data/types.ts";
import { type Choice, type Choosing, choose, DIVERSE_BLOCK } from "./choose.ts";
import type { ClassCount } from "./class-counts.ts";
import { drawBatch, imageOfPlanes } from "./draw.ts";
import { ImageNames } from "./image-names.ts";
import type { ProvenanceRecord } from "./provenance.ts";
import type { Run } from "./run-folder.ts";
import { psiOf, type Sampler, samplerText } from "./sampler.ts";
import { refuseSampler } from "./sampler-problem.ts";

export interface SynthesisOptions {
  /** Images of each class, by the generator's class names. */
  readonly counts: readonly ClassCount[];
  readonly sampler: Sampler;
  /** Seed of all images. */
  readonly seed: number;
  /** Folder of the images within the dataset. Defaults to `images`. */
  readonly folder?: string;
  /** Told after each batch. Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Ends the work between two batches. Defaults to never. */
  readonly signal?: AbortSignal | undefined;
}

/** A synthetic image and its line of provenance. */
export interface SyntheticImage {
  readonly record: ProvenanceRecord;
  readonly image: RawImage;
}

/** What a sampler did for one class. */
export interface ClassTally {
  readonly name: string;
  readonly images: number;
  /** Candidates that were scored, burn-in of the rejection included; 0 for samplers that score none. */
  candidates: number;
  /** Accepted to tried candidates of the rejection, the burn-in left out; null for other samplers. */
  acceptance: number | null;
}

/** Draws that a job takes, candidates included; null where acceptance decides. */
export function plannedDraws(counts: readonly ClassCount[], sampler: Sampler): number | null {
  const images = counts.reduce((sum, { count }) => sum + count, 0);
  if (sampler.kind === "reject") return null;
  return sampler.kind === "random" || sampler.kind === "truncation" ? images : images * (1 + sampler.oversampling);
}

/**
 * Draws synthetic images class by class in flat memory; `tallies` is complete when the images have ended.
 * @throws GanglionError `usage` for a sampler that has no meaning for the run's family
 */
export function synthesise(
  run: Run,
  options: SynthesisOptions,
): { readonly images: AsyncGenerator<SyntheticImage>; readonly tallies: readonly ClassTally[] } {
  const { sampler, onProgress = silent } = options;
  const { generator, model } = run;
  refuseSampler(model, sampler);
  const { classes, resolution, channels } = generator.description;
  const wanted = options.counts.filter(({ count }) => count > 0);
  const tallies: ClassTally[] = wanted.map(({ name, count }) => ({
    name,
    images: count,
    candidates: 0,
    acceptance: null,
  }));
  const total = plannedDraws(wanted, sampler);
  const images = wanted.reduce((sum, { count }) => sum + count, 0);
  let [drawn, made, tried, accepted] = [0, 0, 0, 0];
  const report = () => {
    if (total !== null) onProgress({ stage: "generate", done: drawn, total, unit: "draws", figures: { images: made } });
    else {
      const rate = tried === 0 ? "burn-in" : percentFixed(accepted / tried, 1);
      onProgress({ stage: "generate", done: made, total: images, unit: "images", figures: { accepted: rate } });
    }
  };
  const check = () => {
    if (!options.signal?.aborted) return;
    throw new GanglionError("run", `stopped at ${made} of ${images} images; nothing was written`);
  };

  async function* all(): AsyncGenerator<SyntheticImage> {
    const names = new ImageNames(options.folder ?? "images", classes);
    const text = samplerText(sampler);
    const psi = psiOf(sampler);
    for (const [place, { name, count }] of wanted.entries()) {
      const classIndex = classes.indexOf(name);
      const tally = tallies[place]!;
      const pool = poolOf(sampler, count);
      let classTried = 0;
      let classAccepted = 0;
      const choosing: Choosing = {
        generator,
        scorer: () => run.scorer(),
        seed: options.seed,
        scored(_, candidates, kept) {
          check();
          tally.candidates += candidates;
          drawn += candidates;
          if (kept !== undefined) {
            classTried += candidates;
            classAccepted += kept;
            tried += candidates;
            accepted += kept;
            tally.acceptance = classAccepted / classTried;
          }
          report();
        },
      };
      let at = 0;
      const finish = (choice: Choice, planes: Uint8Array): SyntheticImage => {
        const record: ProvenanceRecord = {
          file_name: names.next(classIndex),
          generator: generator.hash,
          ...(generator.device === "cpu" ? {} : { device: generator.device }),
          seed: choice.seed,
          class: name,
          sampler: text,
          ...(choice.score === undefined ? {} : { score: choice.score }),
          ...(pool === null ? {} : { pool: pool(at++) }),
        };
        made++;
        return { record, image: imageOfPlanes(planes, resolution, channels) };
      };
      const size = channels * resolution * resolution;
      const drawAll = async (batch: readonly Choice[]) => {
        check();
        const planes = await drawBatch(generator, batch, psi);
        drawn += batch.length;
        return batch.map((choice, i) => finish(choice, planes.subarray(i * size, (i + 1) * size)));
      };
      let batch: Choice[] = [];
      for await (const choice of choose(sampler, classIndex, count, choosing)) {
        if (choice.planes !== undefined) {
          yield finish(choice, choice.planes);
          continue;
        }
        batch.push(choice);
        if (batch.length < generator.batch) continue;
        yield* await drawAll(batch);
        batch = [];
        report();
      }
      if (batch.length > 0) yield* await drawAll(batch);
      report();
    }
  }
  return { images: all(), tallies };
}

/** Candidates that image `at` of a class was picked from; null for samplers without a pool. */
function poolOf(sampler: Sampler, count: number): ((at: number) => number) | null {
  if (sampler.kind === "best" || sampler.kind === "worst") return () => sampler.oversampling * count;
  if (sampler.kind !== "diverse") return null;
  const block = (at: number) => Math.min(DIVERSE_BLOCK, count - at + (at % DIVERSE_BLOCK));
  return (at) => sampler.oversampling * block(at);
}
