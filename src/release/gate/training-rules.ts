import { z } from "zod";
import type { AuditFile, AuditTest } from "../../audit/audit-file.ts";
import { remakeAudit } from "../../audit/remake-audit.ts";
import { GanglionError } from "../../core/errors.ts";
import { orUnusable, readJsonInside } from "../../core/inside-folder.ts";
import type { ProgressListener } from "../../core/progress.ts";
import { contentHashes, findRunDataset, readDataset, type Sample, samplesHash } from "../../data/index.ts";
import { isTrainingSample } from "../../data/splits.ts";
import type { MetricsFile } from "../../evaluate/metrics-file.ts";
import type { GateConfig } from "../config.ts";
import { checkAttacks, isCalled } from "./audit-rules.ts";
import type { Reasons } from "./reasons.ts";

/** Where the training images lie, and how their classes are called. */
export interface TrainingImages {
  readonly path: string;
  /** Column of the class; undefined to let the dataset say. */
  readonly label: string | undefined;
  /** Filters `COL=VALUE` that the run chose them by. */
  readonly where: readonly string[];
  /** Folder of the run, whose own split of the dataset counts; undefined without one. */
  readonly run: string | undefined;
}

const runSchema = z.looseObject({
  dataset: z.looseObject({
    path: z.string().optional(),
    label: z.string().nullish(),
    where: z.array(z.string()).default([]),
  }),
});

/** The training images that are given, else those that the run names and that are there; null without them. */
export async function findTraining(given: string | null, run: string | null): Promise<TrainingImages | null> {
  const config = run === null ? null : runSchema.safeParse(await orUnusable(readJsonInside(run, "config.json")));
  const dataset = config?.data?.dataset;
  const chosen = { label: dataset?.label ?? undefined, where: dataset?.where ?? [], run: run ?? undefined };
  if (given !== null) return { path: given, ...chosen };
  if (run === null || dataset?.path === undefined) return null;
  const path = await findRunDataset(run, dataset.path);
  return path === null ? null : { path, ...chosen };
}

export interface TrainingCheck {
  readonly training: TrainingImages;
  /** Held-out images; null takes those of the training dataset that it does not train on. */
  readonly holdout: string | null;
  readonly synthetic: string;
  readonly audit: AuditFile;
  /** Null where none are given. */
  readonly metrics: MetricsFile | null;
  readonly config: GateConfig;
  /** Names of the images that are to be released. */
  readonly names: ReadonlySet<string>;
  readonly threads: number;
  /** Folder for packed images. */
  readonly cache: string;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

/** Most searches that share the false alarms of an audit: more would make each too tolerant. */
const MAX_SPACES = 4;

/** How far a figure may be from the same one made again: another processor rounds otherwise. */
const FIGURE_TOLERANCE = 0.01;

/**
 * Names of tests by pixels of which the file says something else than what is found when they are made again. Copies and the
 * split have rules of their own.
 */
function differing({ tests }: AuditFile, remade: AuditFile): string[] {
  const found: string[] = [];
  for (const test of remade.tests) {
    if (!test.id.endsWith(".pixel") || /^(copies|split)\./.test(test.id)) continue;
    const said = tests.find(({ id, scope }) => id === test.id && scope === test.scope);
    if (said === undefined || sameOutcome(said, test)) continue;
    found.push(`${test.id} (${test.scope})`);
  }
  return found;
}

function sameOutcome(said: AuditTest, made: AuditTest): boolean {
  if (said.n !== made.n || (said.made ?? true) !== (made.made ?? true)) return false;
  return Object.entries(made.figures).every(([name, figure]) => {
    const other = said.figures[name] ?? null;
    if (figure === null || other === null) return figure === other;
    const near = (a: number, b: number) => Math.abs(a - b) <= FIGURE_TOLERANCE * Math.max(1, Math.abs(b));
    return near(other.value, figure.value) && near(other.low, figure.low) && near(other.high, figure.high);
  });
}

function judge({ audit, config, names }: TrainingCheck, remade: AuditFile, reasons: Reasons): void {
  const start = (hash: string) => `${hash.slice(0, 12)}…`;
  for (const [role, words] of [
    ["train", "training"],
    ["holdout", "held-out"],
  ] as const) {
    if (audit[role].hash === remade[role].hash) continue;
    reasons.add(
      "other-dataset",
      "audit.json",
      `it is of ${audit[role].n} ${words} images with the hash ${start(audit[role].hash)}, those given here are ${remade[role].n} with ${start(remade[role].hash)}; give the images of the audit, or audit with these`,
    );
  }
  const known = new Set(audit.copies.map(({ synthetic }) => synthetic));
  reasons.each(
    "training-image",
    "images",
    remade.copies.map(({ synthetic }) => synthetic).filter((name) => names.has(name) && !known.has(name)),
    "the audit's search for copies, made again here, finds that they repeat training images, and audit.json does not name them; audit again",
  );
  const said = new Set(reasons.problems.map(({ code }) => code));
  if (!said.has("split-leak")) {
    const leaks = (remade.splitLeaks ?? []).map(({ holdout }) => holdout);
    const message =
      "held-out images repeat training images, found here and not in audit.json; remove them from one of the sets and audit again";
    reasons.each("split-leak", "held-out images", leaks, message);
  }
  for (const { code, message } of remade.objections ?? []) if (!said.has(code)) reasons.add(code, "--train", message);
  for (const name of said.has("missing-test") ? [] : config.requiredTests) {
    const tests = remade.tests.filter((test) => isCalled(test, name) && test.scope === "all");
    if (tests.length === 0 || tests.some(({ made }) => made !== false)) continue;
    const message = `it cannot be made again here, since ${tests[0]!.reason}; audit with more held-out images`;
    reasons.add("missing-test", name, message);
  }
  if (!said.has("membership")) checkAttacks(remade, config, reasons, "made again here");
  const edited = differing(audit, remade);
  reasons.each(
    "edited-audit",
    "audit.json",
    edited,
    "made again here from the same images, these tests find something else than the file says: it was edited, or another version made it; audit again",
  );
}

/**
 * The metrics must be against the images that are given here: those trained on, those held out, or both; also without the
 * filters of the run, which `evaluate` does not apply.
 */
async function checkMetricsOf(
  { metrics, training }: TrainingCheck,
  remade: AuditFile,
  reasons: Reasons,
): Promise<void> {
  if (metrics === null || [remade.train.hash, remade.holdout.hash].includes(metrics.real.hash)) return;
  const { label, run } = training;
  const whole = await readDataset(training.path, { label, run });
  const contents = await contentHashes(whole);
  for (const counts of [() => true, isTrainingSample, (sample: Sample) => !isTrainingSample(sample)]) {
    const own = [...whole.samples.keys()].filter((i) => counts(whole.samples[i]!));
    const hash = samplesHash(
      own.map((i) => whole.samples[i]!),
      own.map((i) => contents[i]!),
    );
    if (hash === metrics.real.hash) return;
  }
  const start = `${metrics.real.hash.slice(0, 12)}…`;
  const message = `the metrics compare with ${metrics.real.n} other real images (${start}) than the audit; run \`ganglion evaluate --real\` with the training images, and --label as in the training`;
  reasons.add("other-dataset", "metrics.json", message);
}

const hasNoSplit = async ({ path, run }: TrainingImages): Promise<boolean> =>
  (await readDataset(path, { run })).columns.split === undefined;

/**
 * Makes the audit again by pixels and lets the file only add to what that finds: its hashes must be those of the images given
 * here, and no image that leaves may repeat a training image by the audit's own search.
 */
export async function checkTraining(check: TrainingCheck, reasons: Reasons): Promise<void> {
  const { training, audit, synthetic, threads, cache, signal } = check;
  if (check.holdout === null && (await hasNoSplit(training))) {
    const message = `${training.path} names no split, and the run keeps none, so that the audit cannot be made again; give its held-out images with --holdout DATASET`;
    reasons.add("no-holdout", "--holdout", message);
    return;
  }
  const onProgress: ProgressListener = (progress) => {
    if (signal.aborted) throw new GanglionError("files", "stopped; nothing was written");
    check.onProgress({ ...progress, stage: `audit again: ${progress.stage}` });
  };
  const { path: train, label, where, run } = training;
  const holdout = check.holdout ?? train;
  const searches = Math.min(MAX_SPACES, Object.keys(audit.protocol?.spaces ?? {}).length);
  const dropDuplicates = audit.protocol?.dropped !== undefined;
  const sets = { train, holdout, synthetic, label, where, run, dropDuplicates };
  const remade = await remakeAudit({ ...sets, seed: audit.seed, searches, threads, cache, onProgress });
  judge(check, remade, reasons);
  await checkMetricsOf(check, remade, reasons);
}
