import { type AuditFile, auditSchema } from "../../audit/audit-file.ts";
import { GanglionError } from "../../core/errors.ts";
import type { ProgressListener } from "../../core/progress.ts";
import { schemaProblems } from "../../core/schema-problems.ts";
import { datasetHash, pixelHash, readImage } from "../../data/index.ts";
import type { Dataset, RawImage } from "../../data/types.ts";
import type { MetricsFile } from "../../evaluate/metrics-file.ts";
import type { GateConfig } from "../config.ts";
import { checkAudit, copiesOf } from "./audit-rules.ts";
import { type Candidate, readCandidates } from "./candidates.ts";
import { checkFolder } from "./folder-rules.ts";
import { type Looked, lookAtImages } from "./image-rules.ts";
import { Reasons } from "./reasons.ts";
import { checkRecords } from "./record-rules.ts";
import { checkReproduction } from "./reproduction-rules.ts";
import { checkRows } from "./row-rules.ts";
import { checkTrainedOn } from "./run-rules.ts";
import { checkTraining, symmetries } from "./training-rules.ts";

/** What the gate judges by. */
export interface GateInput {
  readonly dataset: Dataset;
  /** Content of `audit.json`. */
  readonly audit: AuditFile;
  /** Content of `metrics.json`; null where none is given. */
  readonly metrics: MetricsFile | null;
  readonly config: GateConfig;
  /** SHA-256 of the generator that is to be released too; null where none is. */
  readonly released: string | null;
  /** Run that drew the images, to draw them again; null is refused unless `withoutRun`. */
  readonly run: string | null;
  /** Whether the records are trusted where no run is given. */
  readonly withoutRun: boolean;
  /** Training images, to compare pixels with; null to trust the audit. */
  readonly train: string | null;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

/** What the gate lets through. */
export interface Passed {
  readonly candidates: readonly Candidate[];
  /** Names of the copies that are left out, sorted. */
  readonly removed: readonly string[];
  /** Columns of `attributes` that may be released. */
  readonly columns: readonly string[];
  readonly looked: ReadonlyMap<string, Looked>;
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
function checkGenerator(candidates: readonly Candidate[], { audit, released }: GateInput, reasons: Reasons): void {
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
  const { dataset, audit, config, onProgress, signal } = input;
  const reasons = new Reasons();
  if (dataset.reader.ownLayout) await checkFolder(dataset, reasons);
  // What a link leads to is not read, so that nothing can be said of such a set as a whole.
  if (reasons.problems.some(({ code }) => code === "link")) refuse(dataset.root, reasons);
  checkEvidence(input, await datasetHash(dataset), reasons);
  const candidates = await readCandidates(dataset, reasons);
  const columns = checkRows(dataset, candidates, config.columns, reasons);
  checkRecords(candidates, reasons);
  checkGenerator(candidates, input, reasons);
  if (input.run === null && !input.withoutRun) {
    reasons.add(
      "no-run",
      "--run",
      "nothing proves that a generator drew these images, because anyone can write records and audit; give --run RUN, which draws every image again, or --without-run, which the cards of the release then state",
    );
  }
  if (input.run !== null && config.sameTraining) await checkTrainedOn(input.run, audit, reasons);
  const names = new Set(dataset.samples.map(({ fileName }) => fileName));
  const copies = copiesOf(audit, names, config, reasons);
  checkAudit(audit, config, reasons);
  const kept = candidates.filter(({ sample }) => !copies.has(sample.fileName));
  checkCounts(kept, dataset, config, reasons);

  const hashes = new Map<string, string>();
  const sizes = new Set<number>();
  const visit = ({ sample }: Candidate, image: RawImage) => {
    if (input.train === null) return;
    sizes.add(Math.min(image.width, image.height));
    for (const view of symmetries(image)) hashes.set(pixelHash(view), sample.fileName);
  };
  const looked = await lookAtImages(dataset, kept, { visit, onProgress, signal }, reasons);
  if (input.train !== null) await checkTraining(input.train, hashes, sizes, onProgress, reasons);
  if (input.run !== null) {
    const read = ({ index }: Candidate) => readImage(dataset, index);
    await checkReproduction(kept, { root: dataset.root, run: input.run, read, onProgress, signal }, reasons);
  }
  refuse(dataset.root, reasons);
  const removed = candidates.filter(({ sample }) => copies.has(sample.fileName)).map(({ sample }) => sample.fileName);
  return { candidates: kept, removed: removed.sort(), columns, looked };
}

/** @throws GanglionError `refused` where there is a reason */
function refuse(root: string, { problems }: Reasons): void {
  if (problems.length === 0) return;
  const lines = problems.map(({ code, path, message }) => `  ${path}: ${message} [${code}]`);
  const count = problems.length === 1 ? "1 reason" : `${problems.length} reasons`;
  throw new GanglionError("refused", [`${root} is not released (${count})`, ...lines].join("\n"), { problems });
}
