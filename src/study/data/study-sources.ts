import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { sha256File } from "../../core/hash.ts";
import { placed } from "../../core/quoted.ts";
import { mapSourcesHash } from "../../data/index.ts";
import { openOnnxExtractor } from "../../features/index.ts";
import { needsScorer, parseSampler } from "../../sample/index.ts";
import { architectureOf, openStart, type Start } from "../../train/index.ts";
import type { StudyConfig, TrainedConfig } from "../config.ts";
import { frozenPath, onnxPath } from "../generator-paths.ts";
import { filledMaps, type StudyFacts } from "../plan.ts";
import { resolveGenerator } from "../resolve-generator.ts";
import { type CheckedGenerator, generatorProblems } from "./generator-problems.ts";
import { type RealSource, readRealSource, shareOfSource } from "./real-source.ts";
import { type RunSource, readRunSource } from "./run-source.ts";
import { classCounts, patientNumbers } from "./source-images.ts";
import { startHash } from "./start-artefact.ts";
import { readTestSource, type TestSource } from "./test-source.ts";

/** The files that a study reads, checked, and what its plan has to know of them. */
export interface StudySources {
  readonly facts: StudyFacts;
  readonly real: RealSource;
  readonly testSets: Readonly<Record<string, TestSource>>;
  /** Runs whose generators are taken, by the name of the generator. */
  readonly runs: Readonly<Record<string, RunSource>>;
  /** Opened starts that generators begin from, by the name of the generator. */
  readonly starts: Readonly<Record<string, Start>>;
  /** Paths of the extractor of a probe and of frozen networks, by their SHA-256. */
  readonly networks: Readonly<Record<string, string>>;
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

/** Numbers of the latent of a generator that the study trains. @throws GanglionError `usage` for options that do not fit */
async function latentOf(
  generator: TrainedConfig,
  start: Start | null,
  { data: { resolution } }: StudyConfig,
  { channels, classes }: RealSource,
): Promise<number> {
  const data = { resolution, channels, classes, counts: [] };
  const kit = { seed: 0, threads: 1, start, frozen: frozenPath(generator) };
  return architectureOf((await resolveGenerator(generator, data, kit)).config).latent;
}

/** What `train` says of its options, in the keys of a configuration. */
const inStudyWords = (message: string): string =>
  message
    .replaceAll("--from-class ", "startClasses ")
    .replaceAll("--from-license ID", "startLicense")
    .replaceAll("--from ", "start ")
    .replaceAll("--frozen ", "frozen ")
    .replaceAll("add --model ", "set model ")
    .replaceAll("add --resolution ", "set data.resolution ")
    .replaceAll("omit --preset and --set networks.*", "omit preset and set.networks.*");

/** Folder of the run that a start is, or is a file of; null for any other. */
function runOfStart(start: string | null): string | null {
  if (start === null) return null;
  const folders = [start, dirname(start), dirname(dirname(start))];
  return folders.find((folder) => existsSync(join(folder, "config.json"))) ?? null;
}

/** What is to be said of a start: what it learned from may be among the test images. */
function startNote(name: string, { path, origins }: Start): string {
  const learned = origins.map(
    ({ data: { title, images, classes } }) => title ?? `${images ?? "unknown"} images of ${classes.join(", ")}`,
  );
  return `generator ${name} begins from ${placed(basename(path))}, which learned from ${learned.join(", and before from ")}: test images that are among them, or of the same patients, flatter it`;
}

/** What keeps a run that fills maps from filling those of the study. @param run Undefined for a generator that is trained. */
function mapRunProblems(
  path: string,
  run: RunSource | undefined,
  classes: readonly string[],
  resolution: number,
): Problem[] {
  if (run === undefined || run.mapKind === null) return [];
  const train = 'let the study train it ("from": "train")';
  const problems: Problem[] = [];
  if (run.classes.join() !== classes.join()) {
    const message = `draws ${run.classes.join(", ")} from maps of their images, and the study's classes are ${classes.join(", ")}; ${train}`;
    problems.push({ code: "run", path, message });
  }
  if (run.resolution !== resolution) {
    const message = `fills maps of ${run.resolution} px, and those of the study have ${resolution}; set data.resolution to ${run.resolution}, or ${train}`;
    problems.push({ code: "run", path, message });
  }
  return problems;
}

/**
 * Reads every file that a configuration names and checks that they fit together.
 * @param dropDuplicates Leaves held-out images out that repeat training images. Defaults to false.
 * @throws GanglionError `usage` with all that does not fit; `dataset`, `run`, `files` for what cannot be read
 */
export async function readStudySources(config: StudyConfig, dropDuplicates = false): Promise<StudySources> {
  const used = Object.values(config.generators).flatMap(
    (generator) => (generator.from === "run" ? generator.run : runOfStart(generator.start)) ?? [],
  );
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
  const starts: Record<string, Start> = {};
  const startNotes: string[] = [];
  const frozenHashes: Record<string, string> = {};
  const networks: Record<string, string> = {};
  const known = async (path: string): Promise<string> => {
    const hash = await sha256File(path);
    networks[hash] = path;
    return hash;
  };
  const { dataset } = real.training;
  let fillsMaps = false;
  for (const [name, generator] of Object.entries(config.generators)) {
    const path = `generators.${name}`;
    const samplers = samplersOf(config, name);
    const failed = (code: string, error: unknown) => {
      if (!(error instanceof GanglionError)) throw error;
      problems.push({ code, path, message: inStudyWords(error.message) });
      return null;
    };
    let checked: CheckedGenerator;
    if (generator.from === "run") {
      const scored = samplers.some((text) => needsScorer(parseSampler(text)));
      const run = await readRunSource(generator.run, scored).catch((error) => failed("run", error));
      if (run === null) continue;
      runs[name] = run;
      checked = run;
    } else {
      const { start: from, startLicense } = generator;
      const start =
        from === null
          ? null
          : await openStart(from, startLicense ?? undefined).catch((error) => failed("start", error));
      if (start === null && from !== null) continue;
      if (start !== null) {
        starts[name] = start;
        startNotes.push(startNote(name, start));
      }
      const latent = await latentOf(generator, start, config, real).catch((error) => failed("generator", error));
      const frozen = frozenPath(generator);
      if (frozen !== null && latent !== null) frozenHashes[name] = await known(frozen);
      checked = { model: generator.model, mapKind: filledMaps(generator), latent, isPrivate: false };
    }
    fillsMaps ||= checked.mapKind !== null;
    problems.push(...generatorProblems(path, checked, { samplers, dataset, isRun: generator.from === "run" }));
    problems.push(...mapRunProblems(path, runs[name], real.classes, config.data.resolution));
  }
  const extractor = config.classifier.kind === "probe" ? onnxPath(config.classifier.features) : null;
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
    maps: fillsMaps ? await mapSourcesHash(dataset) : null,
    shares: shares.map((share) => {
      const { hash, counts, regions } = shareOfSource(real, share);
      return { share, hash, counts, regions };
    }),
    testSets: Object.fromEntries(Object.entries(testSets).map(([name, { images }]) => [name, images.hash])),
    runs: Object.fromEntries(
      Object.entries(runs).map(([name, { generator, judge, data, classes, mapKind }]) => [
        name,
        {
          generator,
          judge,
          data,
          counts: classCounts(
            dataset.samples.map(({ label }) => label),
            classes,
          ),
          classes,
          mapKind,
        },
      ]),
    ),
    starts: Object.fromEntries(
      Object.entries(starts).map(([name, start]) => [
        name,
        { hash: startHash(start), data: start.origins.flatMap(({ data }) => data.hash ?? []) },
      ]),
    ),
    frozen: frozenHashes,
    extractor: extractor === null ? null : await known(extractor),
  };
  const pleased = Object.keys(frozenHashes).filter((name) => frozenHashes[name] === facts.extractor);
  const notes = [
    ...new Set([
      ...(real.crossing === null ? [] : [real.crossing]),
      ...startNotes,
      ...pleased.map(
        (name) =>
          `generator ${name} learns by the network whose features the probe judges by: it was trained to please it; take another network for one of the two`,
      ),
      ...dataset.notes,
      ...Object.values(testSets).flatMap((set) => set.notes),
    ]),
  ];
  return { facts, real, testSets, runs, starts, networks, notes };
}
