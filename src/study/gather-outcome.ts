import { basename, join } from "node:path";
import { GanglionError } from "../core/errors.ts";
import { readBytes } from "../core/files.ts";
import { sha256 } from "../core/hash.ts";
import { datasetName } from "../data/index.ts";
import { readOnnx } from "../graph/index.ts";
import { mean } from "../math/mean.ts";
import { imageOfPlanes } from "../sample/index.ts";
import { armSizes } from "./arm-sizes.ts";
import type { StudyConfig, TrainedConfig } from "./config.ts";
import { readClassifier } from "./data/classifier-file.ts";
import { readPackedArtefact } from "./data/packed-images.ts";
import { readTestSet } from "./data/read-test-set.ts";
import { RUN_GENERATOR } from "./data/run-source.ts";
import { readScores } from "./data/scores.ts";
import { classCounts } from "./data/source-images.ts";
import type { StudySources } from "./data/study-sources.ts";
import { compareKinds } from "./generator-kinds.ts";
import { generatorSize } from "./generator-size.ts";
import type { ArtefactStore } from "./jobs/artefact-store.ts";
import type { Job } from "./jobs/job.ts";
import type { StudyPlan } from "./plan.ts";
import type { StudyGenerator, StudyOutcome, StudyTestSet } from "./report/study-outcome.ts";
import { compareArms } from "./statistics/compare-arms.ts";
import { judgeArms } from "./statistics/judge-arms.ts";
import type { OutcomeTable } from "./statistics/outcome-table.ts";

export interface GatherOptions {
  readonly config: StudyConfig;
  /** Of Ganglion. */
  readonly version: string;
  readonly sources: StudySources;
  readonly plan: StudyPlan;
  readonly store: ArtefactStore;
}

/** Images of each class shown of a generator. */
const SHOWN = 8;

/** Folder of an artefact that has been made. @throws GanglionError `run` when it is gone */
async function folderOf(store: ArtefactStore, { id, title }: Job): Promise<string> {
  const folder = await store.find(id);
  if (folder !== null) return folder;
  throw new GanglionError("run", `${title}: its result is no longer in the store; give the same command again`);
}

/** The first images of each class. */
async function samplesOf(folder: string): Promise<StudyGenerator["samples"]> {
  const { pixels, labels, classes, resolution, channels } = await readPackedArtefact(folder);
  const size = channels * resolution ** 2;
  return classes.flatMap((name, c) => {
    const own = [...labels.keys()].filter((i) => labels[i] === c).slice(0, SHOWN);
    if (own.length === 0) return [];
    const images = own.map((i) => imageOfPlanes(pixels.subarray(i * size, (i + 1) * size), resolution, channels));
    return [{ class: name, images }];
  });
}

/** `r3gan small`, or `r3gan from skin-64, learning by squeezenet.onnx`. */
function trainedWords(generator: TrainedConfig, resolution: number): string {
  const { model, start, frozen } = generator;
  const size = generatorSize(generator, resolution);
  return [
    size === null ? model : `${model} ${size}`,
    ...(start === null ? [] : [` from ${basename(start)}`]),
    ...(frozen === null ? [] : [`, learning by ${basename(frozen)}`]),
  ].join("");
}

async function generatorsOf({ config, plan, store }: GatherOptions): Promise<StudyGenerator[]> {
  const found = new Map<string, StudyGenerator>();
  for (const { arm: name, seed, job, generator } of plan.drawn) {
    const known = found.get(generator);
    if (known !== undefined && known.samples.length > 0) continue;
    const samples = await samplesOf(await folderOf(store, plan.jobs.get(job)!));
    if (known !== undefined) {
      found.set(generator, { ...known, samples });
      continue;
    }
    const arm = plan.arms.find((own) => own.name === name)!;
    const own = arm.synthetic!.generator;
    const described = config.generators[own]!;
    const path = join(await folderOf(store, plan.jobs.get(generator)!), RUN_GENERATOR);
    const bytes = await readBytes(path);
    const { imagesSeen } = JSON.parse(readOnnx(bytes).metadata.description!) as { imagesSeen: number };
    const share = arm.share === 1 ? "" : ` on ${arm.share} of the patients`;
    const forSeed = described.from === "train" && described.perSeed ? `, seed ${seed}` : "";
    found.set(generator, {
      name: `${own}${share}${forSeed}`,
      description:
        described.from === "run"
          ? `taken from a run, ${imagesSeen} images seen`
          : `${trainedWords(described, config.data.resolution)}, ${imagesSeen} images seen, seed ${described.perSeed ? seed : described.seed}`,
      hash: sha256(bytes),
      imagesSeen,
      samples,
    });
  }
  return [...found.values()];
}

function testSetsOf({ config, sources }: GatherOptions, table: OutcomeTable): StudyTestSet[] {
  return config.testSets.map(({ name, distribution }) => {
    const { labels, patients } = table.testSets.find((set) => set.name === name)!;
    const { images } = sources.testSets[name]!;
    return {
      name,
      distribution,
      dataset: datasetName(images.dataset),
      hash: images.hash,
      n: labels.length,
      patients: new Set(patients).size,
      perClass: classCounts(images.labels, sources.real.classes),
    };
  });
}

/** Mean over seeds of the training images that the classifiers of each arm went through. */
async function effortOf({ plan, store }: GatherOptions): Promise<Record<string, number>> {
  const efforts = new Map<string, Map<string, number>>();
  for (const { arm, job } of plan.trials) {
    const classifier = plan.jobs.get(plan.jobs.get(job)!.inputs.classifier!)!;
    const own = efforts.get(arm) ?? new Map<string, number>();
    efforts.set(arm, own);
    if (!own.has(classifier.id))
      own.set(classifier.id, (await readClassifier(await folderOf(store, classifier))).effort);
  }
  return Object.fromEntries([...efforts].map(([arm, own]) => [arm, mean([...own.values()])]));
}

/**
 * Puts together what a study has found, from the artefacts of its jobs.
 * @throws GanglionError `run` when one is gone or does not fit, `files`
 */
export async function gatherOutcome(options: GatherOptions): Promise<StudyOutcome> {
  const { config, version, sources, plan, store } = options;
  const { real, facts } = sources;
  const testSets = await Promise.all(
    config.testSets.map(async ({ name }) => {
      const score = plan.jobs.get(plan.trials.find(({ testSet }) => testSet === name)!.job)!;
      return readTestSet(name, await folderOf(store, plan.jobs.get(score.inputs.images!)!));
    }),
  );
  const trials = [];
  for (const { arm, seed, testSet, job } of plan.trials) {
    trials.push({ arm, seed, testSet, scores: await readScores(await folderOf(store, plan.jobs.get(job)!)) });
  }
  const table = { testSets, trials };
  const { metrics, primary, alpha, resamples } = config;
  const comparisons = compareArms(table, { questions: plan.questions, metrics, alpha, resamples });
  return {
    config,
    version,
    classes: real.classes,
    arms: plan.arms,
    sizes: Object.fromEntries(plan.arms.map((arm) => [arm.name, armSizes(arm, facts)])),
    validation: real.division.validation.filter((held) => held).length,
    data: {
      name: datasetName(real.training.dataset),
      hash: real.training.hash,
      n: real.training.labels.length,
      perClass: classCounts(real.training.labels, real.classes),
    },
    testSets: testSetsOf(options, table),
    generators: await generatorsOf(options),
    effort: await effortOf(options),
    table,
    comparisons,
    judgements: judgeArms(comparisons, { metric: primary, alpha }),
    kinds: compareKinds(table, plan.arms, config),
    notes: [real.how, ...sources.notes],
  };
}
