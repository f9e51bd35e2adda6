import { percentFixed } from "../core/percent.ts";
import { silent } from "../core/progress.ts";
import { type Choice, type Choosing, choose, DIVERSE_BLOCK } from "./choose.ts";
import { drawBatch, imageOfPlanes } from "./draw.ts";
import { ImageNames } from "./image-names.ts";
import type { ProvenanceRecord } from "./provenance.ts";
import type { Run } from "./run-folder.ts";
import { type PickingSampler, psiOf, type Sampler, samplerText } from "./sampler.ts";
import {
  type ClassTally,
  checkStopped,
  plannedDraws,
  type Synthesis,
  type SynthesisOptions,
  type SyntheticImage,
} from "./synthesis.ts";

/** Images that a sampler picks class by class, with their records. */
export function pickedImages(run: Run, sampler: PickingSampler, options: SynthesisOptions): Synthesis {
  const { onProgress = silent } = options;
  const { generator } = run;
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
  const check = () => checkStopped(options.signal, made, images);

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
