import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { sha256File } from "../../core/hash.ts";
import { hasRegions } from "../../data/index.ts";
import { openOnnxExtractor } from "../../features/index.ts";
import { familyNames, modelFamily } from "../../model/index.ts";
import { needsScorer, parseSampler } from "../../sample/index.ts";
import { architectureOf } from "../../train/index.ts";
import type { StudyConfig } from "../config.ts";
import type { StudyFacts } from "../plan.ts";
import { resolveGenerator } from "../resolve-generator.ts";
import { type RealSource, readRealSource, shareOfSource } from "./real-source.ts";
import { type RunSource, readRunSource } from "./run-source.ts";
import { classCounts, patientNumbers } from "./source-images.ts";
import { readTestSource, type TestSource } from "./test-source.ts";

/** The files that a study reads, checked, and what its plan has to know of them. */
export interface StudySources {
  readonly facts: StudyFacts;
  readonly real: RealSource;
  readonly testSets: Readonly<Record<string, TestSource>>;
  /** Runs whose generators are taken, by the name of the generator. */
  readonly runs: Readonly<Record<string, RunSource>>;
  /** Path of the extractor of a probe. */
  readonly extractor: string | null;
  /** What is to be said of the data. */
  readonly notes: readonly string[];
}

/** Fewer patients of a class than this in a test set have no interval. */
const MIN_PATIENTS = 2;

/** Samplers that each generator is used with. */
function samplersOf({ arms }: StudyConfig, generator: string): string[] {
  const blocks = [...arms.synthetic, ...(arms.reduced === null ? [] : [arms.reduced])];
  return blocks.filter(({ generators }) => generators.includes(generator)).flatMap(({ samplers }) => samplers);
}

function testSetProblems(name: string, { images }: TestSource, { classes }: RealSource): Problem[] {
  const path = `test set ${name}`;
  const patients = patientNumbers(images);
  const perClass = classes.map((own) => new Set(patients.filter((_, i) => images.labels[i] === own)).size);
  const there = perClass.filter((count) => count > 0).length;
  if (there < 2) {
    return [{ code: "classes", path, message: `has images of ${there} of the study's classes; a test needs two` }];
  }
  return classes.flatMap((own, c) => {
    if (perClass[c] === 0 || perClass[c]! >= MIN_PATIENTS) return [];
    const message = `has ${perClass[c]} patient of ${own}; intervals need ${MIN_PATIENTS}: add images, leave the class out by the key classes, or tell one class from the rest with data.positive`;
    return [{ code: "few-patients", path, message }];
  });
}

/** Every share that an arm asks for needs images of all classes to learn from, and two classes to stop on. */
function shareProblems(share: number, real: RealSource): Problem[] {
  const { counts, validation } = shareOfSource(real, share);
  const path = share === 1 ? "data" : `arms.reduced.shares: ${share}`;
  const lacking = real.classes.filter((_, c) => counts[c] === 0);
  const problems: Problem[] = [];
  if (lacking.length > 0) {
    const message = `leaves no image of ${lacking.join(", ")} for training; use a larger share, or leave the class out`;
    problems.push({ code: "share", path, message });
  }
  const stopped = validation.filter((count) => count > 0).length;
  if (stopped < 2) {
    const message = `leaves validation images of ${stopped} class (${validation.join(", ")}); two are needed: take a larger share, or raise data.validation`;
    problems.push({ code: "share", path, message });
  }
  return problems;
}

/**
 * Reads every file that a configuration names and checks that they fit together.
 * @param dropDuplicates Leaves held-out images out that repeat training images. Defaults to false.
 * @throws GanglionError `usage` with all that does not fit; `dataset`, `run`, `files` for what cannot be read
 */
export async function readStudySources(config: StudyConfig, dropDuplicates = false): Promise<StudySources> {
  const used = Object.values(config.generators).flatMap((generator) => (generator.from === "run" ? generator.run : []));
  const real = await readRealSource(config.data, { runs: used, dropDuplicates });
  const problems: Problem[] = [];
  const testSets: Record<string, TestSource> = {};
  for (const set of config.testSets) {
    const found = await readTestSource(set, real, config.data.positive, (problem) => problems.push(problem));
    if (found === null) continue;
    testSets[set.name] = found;
    problems.push(...testSetProblems(set.name, found, real));
  }
  const shares = [1, ...(config.arms.reduced?.shares ?? [])];
  problems.push(...shares.flatMap((share) => shareProblems(share, real)));
  const runs: Record<string, RunSource> = {};
  for (const [name, generator] of Object.entries(config.generators)) {
    const samplers = samplersOf(config, name);
    const scored = samplers.some((text) => needsScorer(parseSampler(text)));
    if (generator.from === "run") {
      try {
        runs[name] = await readRunSource(generator.run, scored);
      } catch (error) {
        if (!(error instanceof GanglionError)) throw error;
        problems.push({ code: "run", path: `generators.${name}`, message: error.message });
      }
      continue;
    }
    const data = { resolution: config.data.resolution, channels: real.channels, classes: real.classes, counts: [] };
    try {
      const resolved = await resolveGenerator(generator, data, { seed: 0, threads: 1 });
      const truncated = samplers.find((text) => parseSampler(text).kind === "truncation");
      if (truncated !== undefined && architectureOf(resolved).latent === 0) {
        const message = `${generator.model} has no latent to truncate (one map, one image); leave ${truncated} out`;
        problems.push({ code: "sampler", path: `generators.${name}`, message });
      }
    } catch (error) {
      if (!(error instanceof GanglionError)) throw error;
      problems.push({ code: "generator", path: `generators.${name}`, message: error.message });
    }
    if (modelFamily(generator.model, `generators.${name}`, "usage").input !== "maps") continue;
    if (scored) {
      const message = `${generator.model} draws from maps with random or truncation:PSI; leave other samplers out`;
      problems.push({ code: "sampler", path: `generators.${name}`, message });
    }
    if (!hasRegions(real.training.dataset)) {
      const message = `${generator.model} needs masks or boxes, which the data lack; use model ${familyNames("noise").join(" or ")}`;
      problems.push({ code: "maps", path: `generators.${name}`, message });
    }
  }
  const extractor = config.classifier.kind === "probe" ? config.classifier.features.slice("onnx:".length) : null;
  if (extractor !== null) {
    try {
      // Opened once: a model that cannot be used is said before anything runs.
      await (await openOnnxExtractor(extractor)).close();
    } catch (error) {
      if (!(error instanceof GanglionError)) throw error;
      problems.push({ code: "extractor", path: "classifier.features", message: error.message });
    }
  }
  throwIfProblems("usage", "the study's data do not fit it", problems);
  const facts: StudyFacts = {
    classes: real.classes,
    channels: real.channels,
    real: real.training.hash,
    shares: shares.map((share) => {
      const { hash: own, counts } = shareOfSource(real, share);
      return { share, hash: own, counts };
    }),
    testSets: Object.fromEntries(Object.entries(testSets).map(([name, { images }]) => [name, images.hash])),
    runs: Object.fromEntries(
      Object.entries(runs).map(([name, { generator, judge, data, classes }]) => [
        name,
        {
          generator,
          judge,
          data,
          counts: classCounts(
            real.training.dataset.samples.map(({ label }) => label),
            classes,
          ),
          classes,
        },
      ]),
    ),
    extractor: extractor === null ? null : await sha256File(extractor),
  };
  const notes = [
    ...new Set([
      ...(real.crossing === null ? [] : [real.crossing]),
      ...real.training.dataset.notes,
      ...Object.values(testSets).flatMap((set) => set.notes),
    ]),
  ];
  return { facts, real, testSets, runs, extractor, notes };
}
