import { type AuditFile, auditSchema } from "../../audit/audit-file.ts";
import { GanglionError, invariant } from "../../core/errors.ts";
import type { ProgressListener } from "../../core/progress.ts";
import { schemaProblems } from "../../core/schema-problems.ts";
import { datasetHash, pixelHash, readDataset, readImage } from "../../data/index.ts";
import type { Dataset, RawImage } from "../../data/types.ts";
import type { MetricsFile } from "../../evaluate/metrics-file.ts";
import type { Verdict } from "../../evaluate/verdict/verdict-schema.ts";
import type { Origin } from "../../model/index.ts";
import type { GateConfig } from "../config.ts";
import type { ReleasedGenerator } from "../released-generator.ts";
import { checkAudit, copiesOf } from "./audit-rules.ts";
import { type Candidate, readCandidates } from "./candidates.ts";
import type { DrawnImages } from "./drawn-images.ts";
import { checkFolder } from "./folder-rules.ts";
import { checkGeneratorFile } from "./generator-rules.ts";
import { checkGrade } from "./grade-rules.ts";
import { type Looked, lookAtImages } from "./image-rules.ts";
import { Reasons } from "./reasons.ts";
import { checkRecords } from "./record-rules.ts";
import { checkReproduction, type Residual } from "./reproduction-rules.ts";
import { checkRows, isIdentity } from "./row-rules.ts";
import { checkTrainedOn } from "./run-rules.ts";
import { checkStarts } from "./start-rules.ts";
import { type ConfigTexts, checkCells, checkConfigTexts, checkEvidenceTexts, Secrets } from "./text-rules.ts";
import { checkTraining, findTraining, type TrainingImages } from "./training-rules.ts";

/** What the gate judges by. */
export interface GateInput {
  readonly dataset: Dataset;
  /** Content of `audit.json`. */
  readonly audit: AuditFile;
  /** Content of `metrics.json`; null where none is given. */
  readonly metrics: MetricsFile | null;
  readonly config: GateConfig;
  /** Names of the files of evidence whose content is not as they were sealed. */
  readonly edited: readonly string[];
  /** The generator that is to be released too; null where none is. */
  readonly generator: ReleasedGenerator | null;
  /** Folder for the picture of images that are refused; null writes none. */
  readonly pictureFolder: string | null;
  /** Run that drew the images, to draw them again; null is refused unless `withoutRun`. */
  readonly run: string | null;
  /** Whether the records are trusted where no run is given. */
  readonly withoutRun: boolean;
  /** Training images, to make the audit again; null takes those that the run names. */
  readonly train: string | null;
  /** Held-out images of the audit; null takes those of the training dataset that it does not train on. */
  readonly holdout: string | null;
  readonly texts: ConfigTexts;
  /** Names of images that a person leaves out; all are of the dataset. */
  readonly leftOut: ReadonlySet<string>;
  /** Takes what the run draws again; not used without a run. */
  readonly drawn: DrawnImages;
  /** Threads of the audit that is made again. */
  readonly threads: number;
  /** Folder for packed images. */
  readonly cache: string;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

/** What the gate lets through. */
export interface Passed {
  readonly candidates: readonly Candidate[];
  /** Names of the copies that are left out, sorted. */
  readonly removed: readonly string[];
  /** Names of the other images that a person left out, sorted. */
  readonly leftOut: readonly string[];
  /** Columns of `attributes` that may be released. */
  readonly columns: readonly string[];
  readonly looked: ReadonlyMap<string, Looked>;
  /** Pixels that are released: those that were drawn again, else those of the set. */
  readonly pixels: (candidate: Candidate) => Promise<RawImage>;
  /** How far the set was from what was drawn again; null where it was not. */
  readonly residual: Residual | null;
  /** Whether the audit was made again against the training images. */
  readonly compared: boolean;
  /** Networks that the training began from, nearest first. */
  readonly starts: readonly Origin[];
  /** What is accepted of them, one sentence each. */
  readonly accepted: readonly string[];
  /** The lower of the grades of `metrics.json` and of the images; null where neither is known. */
  readonly verdict: Verdict | null;
}

/** Reads `audit.json`. @throws GanglionError `files` or `dataset` */
export function parseAudit(value: unknown, path: string): AuditFile {
  const found = auditSchema.safeParse(value);
  if (found.success) return found.data;
  const [first] = schemaProblems(auditSchema, found.error, value, "audit");
  const message = `${path} is no audit of this version (${first!.path}: ${first!.message}); run \`ganglion audit\` again`;
  throw new GanglionError("dataset", message, { cause: found.error });
}

function checkEvidence({ audit, metrics, dataset }: GateInput, hash: string, reasons: Reasons): void {
  if (audit.synthetic.hash !== hash || audit.synthetic.n !== dataset.samples.length) {
    reasons.add(
      "other-dataset",
      "audit.json",
      `the audit is of ${audit.synthetic.n} images with the hash ${audit.synthetic.hash.slice(0, 12)}…, the dataset has ${dataset.samples.length} with ${hash.slice(0, 12)}…; audit this dataset again`,
    );
  }
  if (metrics !== null && metrics.synthetic.hash !== hash) {
    reasons.add(
      "other-dataset",
      "metrics.json",
      `the metrics are for other images (${metrics.synthetic.hash.slice(0, 12)}…); evaluate this dataset again`,
    );
  }
}

/** One generator drew all images, the one that was audited. */
function checkGenerator(candidates: readonly Candidate[], { audit, generator }: GateInput, reasons: Reasons): void {
  const released = generator?.facts.hash ?? null;
  const hashes = [...new Set(candidates.flatMap(({ record }) => (record === null ? [] : [record.generator])))];
  if (hashes.length > 1) {
    reasons.add(
      "generators",
      "provenance.jsonl",
      `${hashes.length} generators drew the images; release the set of one generator at a time`,
    );
  }
  if (audit.run !== null && hashes.some((hash) => hash !== audit.run?.generator)) {
    reasons.add(
      "generators",
      "audit.json",
      `the audit is of the generator ${audit.run.generator.slice(0, 12)}…, and another one drew images; audit with the run that drew them`,
    );
  }
  if (released !== null && hashes.some((hash) => hash !== released)) {
    reasons.add(
      "generators",
      "--with-generator",
      `the run's generator is ${released.slice(0, 12)}…, and another one drew images; give the run that drew them`,
    );
  }
}

function checkCounts(
  kept: readonly Candidate[],
  dataset: Dataset,
  { minImagesPerClass }: GateConfig,
  reasons: Reasons,
): void {
  const counts = new Map<string, number>(dataset.classes.map((name) => [name, 0]));
  for (const { sample } of kept) counts.set(sample.label, (counts.get(sample.label) ?? 0) + 1);
  for (const [name, count] of counts) {
    if (count >= minImagesPerClass) continue;
    reasons.add(
      "few-images",
      `class ${name}`,
      `${count} images are left, ${minImagesPerClass} are needed for a class that was audited; generate more of it or none`,
    );
  }
}

/**
 * Decides whether a synthetic set may leave.
 * @throws GanglionError `refused` with all reasons at once
 */
export async function decide(input: GateInput): Promise<Passed> {
  const { dataset, audit, metrics, config, run, generator, drawn, cache, onProgress, signal } = input;
  const reasons = new Reasons();
  if (dataset.reader.ownLayout) await checkFolder(dataset, reasons);
  // What a link leads to is not read, so that nothing can be said of such a set as a whole.
  if (reasons.problems.some(({ code }) => code === "link")) refuse(dataset.root, reasons);
  checkEvidence(input, await datasetHash(dataset), reasons);
  for (const name of input.edited) {
    const message =
      "its content does not match its seal: it was edited, or an earlier version made it; audit and evaluate again";
    reasons.add("edited", name, message);
  }
  const candidates = await readCandidates(dataset, reasons);
  const columns = checkRows(dataset, candidates, config.columns, reasons);
  const training = await findTraining(input.train, run);
  const secrets = await secretsOf(training, input.holdout);
  const { notIdentifiers } = config;
  checkCells(dataset, candidates, columns, { notIdentifiers, secrets }, reasons);
  checkEvidenceTexts(audit, metrics, secrets, reasons);
  checkConfigTexts(input.texts, notIdentifiers, secrets, reasons);
  checkRecords(candidates, audit.run?.differentialPrivacy != null, reasons);
  checkGenerator(candidates, input, reasons);
  if (generator !== null && run !== null) {
    await checkGeneratorFile(run, generator, { secrets, notIdentifiers }, reasons);
  }
  if (run === null && !input.withoutRun) {
    reasons.add(
      "no-run",
      "--run",
      "nothing proves that a generator drew these images, because anyone can write records and audit; give --run RUN, which draws every image again, or --without-run, which the cards of the release then state",
    );
  }
  if (run !== null && config.sameTraining) await checkTrainedOn(run, audit, reasons);
  const chain = await checkStarts({ run, audit, generator }, config, secrets, reasons);
  const names = new Set(dataset.samples.map(({ fileName }) => fileName));
  const copies = copiesOf(audit, names, config, reasons);
  checkAudit(audit, config, reasons);
  const kept = candidates.filter(({ sample }) => !copies.has(sample.fileName) && !input.leftOut.has(sample.fileName));
  checkCounts(kept, dataset, config, reasons);

  const looked = new Map(await lookAtImages(dataset, kept, { onProgress, signal }, reasons));
  if (training === null && !config.withoutTraining) {
    const message =
      "the training images cannot be found, so that nobody compares these images with them; give --train DATASET (`gate.withoutTraining` of --config does without, which the card then states)";
    reasons.add("no-training", "--train", message);
  }
  if (training !== null) {
    const kind = { synthetic: dataset.root, names: new Set(kept.map(({ sample }) => sample.fileName)) };
    const { holdout, threads } = input;
    await checkTraining(
      { ...kind, training, holdout, audit, metrics, config, threads, cache, onProgress, signal },
      reasons,
    );
  }
  const verdict = await checkGrade(
    {
      ...{ metrics, training, config, cache, onProgress, signal },
      ...{ holdout: input.holdout, synthetic: dataset.root, folder: input.pictureFolder, threads: input.threads },
    },
    reasons,
  );
  const read = ({ index }: Candidate) => readImage(dataset, index);
  const compared = training !== null;
  if (run === null) {
    refuse(dataset.root, reasons);
    return passed(candidates, kept, copies, {
      ...chain,
      columns,
      looked,
      pixels: read,
      residual: null,
      compared,
      verdict,
    });
  }
  const redraw = { root: dataset.root, run, read, drawn, onProgress, signal };
  const residual = await checkReproduction(kept, redraw, reasons);
  refuse(dataset.root, reasons);
  const pixels = async (candidate: Candidate) => {
    const image = await drawn.read(candidate.sample.fileName);
    invariant(image !== null, `${candidate.sample.fileName} passed without being drawn again`);
    return image;
  };
  for (const candidate of kept) {
    const { fileName } = candidate.sample;
    looked.set(fileName, { ...looked.get(fileName)!, pixels: pixelHash(await pixels(candidate)) });
  }
  return passed(candidates, kept, copies, { ...chain, columns, looked, pixels, residual, compared, verdict });
}

function passed(
  candidates: readonly Candidate[],
  kept: readonly Candidate[],
  copies: ReadonlySet<string>,
  rest: Omit<Passed, "candidates" | "removed" | "leftOut">,
): Passed {
  const stays = new Set(kept);
  const gone = candidates.filter((candidate) => !stays.has(candidate)).map(({ sample }) => sample.fileName);
  const [removed, leftOut] = [gone.filter((name) => copies.has(name)), gone.filter((name) => !copies.has(name))];
  return { ...rest, candidates: kept, removed: removed.sort(), leftOut: leftOut.sort() };
}

/** Identifiers of the training images and of held-out ones; none where there are no training images. */
async function secretsOf(training: TrainingImages | null, holdout: string | null): Promise<Secrets> {
  const paths = [...(training === null ? [] : [training.path]), ...(holdout === null ? [] : [holdout])];
  const datasets: Dataset[] = [];
  for (const path of paths) datasets.push(await readDataset(path));
  return new Secrets(datasets, isIdentity);
}

/** @throws GanglionError `refused` where there is a reason */
function refuse(root: string, { problems }: Reasons): void {
  if (problems.length === 0) return;
  const lines = problems.map(({ code, path, message }) => `  ${path}: ${message} [${code}]`);
  const count = problems.length === 1 ? "1 reason" : `${problems.length} reasons`;
  throw new GanglionError("refused", [`${root} is not released (${count})`, ...lines].join("\n"), { problems });
}
