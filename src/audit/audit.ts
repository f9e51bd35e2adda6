import { join } from "node:path";
import { writeInside, writeJsonInside } from "../core/inside-folder.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { withTemporaryFolder } from "../core/scratch/temporary-folder.ts";
import { sealJson } from "../core/sealed-json.ts";
import { featureRows } from "../features/extractor.ts";
import { openExtractor } from "../features/open-extractor.ts";
import { runtimeLinear64 } from "../math/linear/runtime-linear64.ts";
import { attributeTests } from "./attributes/attribute-tests.ts";
import { type AuditCaution, type AuditFile, type AuditObjection, auditSchema, type SplitLeak } from "./audit-file.ts";
import type { AuditFindings } from "./audit-findings.ts";
import { FALSE_ALARMS, findingsOf, rateTests, verdictOf } from "./collect-findings.ts";
import { copiesOf, copyTest, splitLeaksOf, splitTest, splitWarnings } from "./copies/copy-tests.ts";
import { NEAREST, nearestTable } from "./copies/nearest-table.ts";
import { type CopySearch, searchFeatureCopies, searchPixelCopies } from "./copies/search-copies.ts";
import type { MeasuredTest } from "./measured.ts";
import { shiftWarning } from "./membership/membership-tests.ts";
import { hasReference, membershipScores } from "./membership/scores.ts";
import { openSeparateSets } from "./open-separate-sets.ts";
import type { AuditSets } from "./open-sets.ts";
import { plantCopies, recallOf } from "./recall/recall.ts";
import { renderAuditReport } from "./report/render-audit-report.ts";
import { checkRun, runImages } from "./run-check.ts";
import { scopesOf } from "./scopes.ts";
import { spaceDistances } from "./space-distances.ts";
import type { SpaceContext } from "./space-test.ts";
import { SPACE_TESTS } from "./space-tests.ts";
import { pixelRows, type Space } from "./spaces.ts";

export interface AuditOptions {
  /** Path of the images that the generator was trained on; of a dataset with a split, its training images. */
  readonly train: string;
  /** Path of real images of the same source that it was not; of a dataset with a split, all others. */
  readonly holdout: string;
  /** Path of the synthetic images; their size is the size of the audit. */
  readonly synthetic: string;
  /** Folder of the run that drew the synthetic images. Defaults to none. */
  readonly run?: string | undefined;
  /** Extractors: `encoder`, `onnx:PATH`, as `ganglion evaluate` has them. Defaults to `["encoder"]`. */
  readonly features?: readonly string[] | undefined;
  /** Images seen while `encoder` is trained. Defaults to 8,000. */
  readonly encoderImages?: number;
  /** Folder for `audit.json`, `report.html` and `nearest.csv`. */
  readonly out: string;
  /** Class column of the real datasets. Defaults to that of the run, else what the datasets say, else a guess. */
  readonly label?: string | undefined;
  /** Leaves held-out images out that repeat training images, which the audit states. Defaults to false. */
  readonly dropDuplicates?: boolean | undefined;
  /** Seed of every draw. Defaults to 0. */
  readonly seed?: number;
  /** Threads inside one operator. Defaults to 1. */
  readonly threads?: number;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
}

/** What an audit found and where it wrote it. */
export interface AuditResult {
  readonly audit: AuditFile;
  readonly auditPath: string;
  readonly reportPath: string;
  /** Guesses and choices of the readers, to be said aloud. */
  readonly notes: readonly string[];
}

interface Settings {
  readonly seed: number;
  readonly threads: number;
  readonly encoderImages?: number;
  readonly run?: string | undefined;
  /** Searches for copies that share the expected number of false alarms. Defaults to one in each space. */
  readonly searches?: number;
  readonly onProgress: ProgressListener;
}

/**
 * The `encoder` of an audit learns from the synthetic images, which an attacker has: one that learnt from the training
 * images would tell them from others by itself, and the attacks would find that.
 */
const LEARNT_FROM = { images: "the synthetic images", heldOut: "synthetic images kept from it" };

async function testSpace(
  context: Omit<SpaceContext, "scores">,
): Promise<{ tests: MeasuredTest[]; cautions: AuditCaution[] }> {
  const { sets, space, linear, seed } = context;
  const scores = await membershipScores(sets, space, linear, seed);
  const shift = shiftWarning(sets, scores[0]!, seed);
  const tests: MeasuredTest[] = [];
  for (const measure of SPACE_TESTS) tests.push(...(await measure({ ...context, scores })));
  // Where the two real sets differ by themselves, a difference between them is no sign of a leak.
  if (shift === null) return { tests, cautions: [] };
  const cautions: AuditCaution[] = [{ code: "sets-differ", message: shift }];
  return { tests: tests.map((test) => ({ ...test, controlFails: true })), cautions };
}

function groupCautions({ train, holdout, synthetic }: AuditSets): AuditCaution[] {
  const cautions: AuditCaution[] = [];
  if (!train.hasPatients || !holdout.hasPatients) {
    const message =
      "No patient is named: every image counts as its own patient. Where patients have several images, intervals are too narrow and copies of a patient's other image are missed.";
    cautions.push({ code: "no-patients", message });
  }
  if (train.store.count < 200 || holdout.store.count < 200 || synthetic.store.count < 200) {
    const message = `The sets are small (${train.store.count} training, ${holdout.store.count} held-out, ${synthetic.store.count} synthetic images): below 200 only gross leaks can be seen, and true-positive rates need 200 held-out images at 1 % and 2,000 at 0.1 %.`;
    cautions.push({ code: "small-sets", message });
  }
  if (!hasReference(holdout)) {
    const message = `The ${holdout.store.count} held-out images are of one ${holdout.hasPatients ? "patient" : "image"}: membership inference needs two, of which each is a reference for the other, and was not tried.`;
    cautions.push({ code: "one-held-out", message });
  }
  return cautions;
}

/** Held-out images of training patients are near training images by nature. */
function splitObjections({ train, holdout }: AuditSets): AuditObjection[] {
  const members = new Set(train.groups);
  const shared = new Set(holdout.groups.filter((group) => members.has(group))).size;
  if (shared === 0) return [];
  const message = `${shared} patients have images in the training and in the held-out set: held-out images of these patients are near training images, which hides copies and weakens every attack here. Split by patient.`;
  return [{ code: "shared-patients", message }];
}

/** Audits opened sets by pixels and by each extractor of `specs`; nothing is written. */
export async function auditSets(
  sets: AuditSets & { readonly cautions: readonly AuditCaution[]; readonly dropped?: readonly SplitLeak[] },
  specs: readonly string[],
  settings: Settings,
): Promise<AuditFindings> {
  const { seed, threads, onProgress } = settings;
  const objections = splitObjections(sets);
  const cautions = [...sets.cautions, ...groupCautions(sets)];
  const leaking: string[] = [];
  const spaces: Record<string, string> = {};
  const tests: MeasuredTest[] = [];
  const searches: CopySearch[] = [];
  const linear = runtimeLinear64({ threads });
  try {
    const canLearn = new Set(sets.synthetic.labels).size > 1;
    const wanted = specs.filter((spec) => spec !== "encoder" || canLearn);
    if (wanted.length < specs.length) {
      const message =
        "The synthetic images are of one class, so that no encoder can be trained on them: add --features onnx:PATH.";
      cautions.push({ code: "one-class", message });
    }
    const perSearch = FALSE_ALARMS.copies / Math.max(1 + wanted.length, settings.searches ?? 1);
    const planted = await plantCopies(sets.train.store, sets.synthetic.store.count, seed);
    const searched = { ...sets, planted: planted.images };
    const inPixels = await searchPixelCopies(searched, linear, { falseAlarms: perSearch, threads, onProgress });
    searches.push(inPixels);
    const splitLeaks = splitLeaksOf(sets, inPixels);
    const recall = recallOf(inPixels, inPixels.planted!, planted, sets.train.groups);
    tests.push(splitTest(inPixels), copyTest(inPixels, perSearch));
    leaking.push(...splitWarnings(splitLeaks));

    const pixel: Space = {
      name: "pixel",
      description: "Pixels area-averaged to 16 px, as they are; copies are searched more closely (docs/audit.md).",
      train: pixelRows(sets.train.store),
      holdout: pixelRows(sets.holdout.store),
      synthetic: pixelRows(sets.synthetic.store),
    };
    const inSpace = async (space: Space) => {
      spaces[space.name] = space.description;
      onProgress({ stage: `tests by ${space.name}`, done: 0, total: 1, unit: "spaces" });
      const distances = await spaceDistances(sets, space, linear);
      const isolation = { train: distances.trainToTrain.distance, holdout: distances.holdoutToTrain.distance };
      const found = await testSpace({ sets, space, distances, scopes: scopesOf(sets, isolation), linear, seed });
      tests.push(...found.tests);
      cautions.push(...found.cautions);
      onProgress({ stage: `tests by ${space.name}`, done: 1, total: 1, unit: "spaces" });
    };
    await inSpace(pixel);
    let attributes = pixel;
    for (const spec of wanted) {
      const extractor = await openExtractor(spec, { real: sets.synthetic, learntFrom: LEARNT_FROM, ...settings });
      try {
        const rows = async (set: AuditSets["train"]) => featureRows(await extractor.extract(set.store, onProgress));
        const space: Space = {
          name: extractor.name,
          description: extractor.description,
          train: await rows(sets.train),
          holdout: await rows(sets.holdout),
          synthetic: await rows(sets.synthetic),
        };
        const search = await searchFeatureCopies(sets, space, inPixels, extractor, linear, perSearch, onProgress);
        searches.push(search);
        tests.push(copyTest(search, perSearch));
        await inSpace(space);
        if (attributes === pixel) attributes = space;
      } finally {
        await extractor.close();
      }
    }
    tests.push(...(await attributeTests(sets, attributes, linear, seed)));
    const run = settings.run === undefined ? null : await checkRun(settings.run, sets);
    if (run !== null) {
      tests.push(run.test);
      cautions.push(...run.cautions);
      objections.push(...run.objections);
    }
    const rated = rateTests(tests);
    const findings = findingsOf(rated);
    const copies = copiesOf(sets, searches);
    const about = ({ store, hash }: AuditSets["train"]) => ({ n: store.count, hash });
    const audit = auditSchema.parse({
      schema: 1,
      seed,
      train: about(sets.train),
      holdout: about(sets.holdout),
      synthetic: about(sets.synthetic),
      run: run?.run ?? null,
      protocol: {
        resolution: sets.resolution,
        spaces,
        unit: sets.train.hasPatients ? "patient" : "image",
        falseAlarms: FALSE_ALARMS,
        ...(sets.train.dataset.unlabelled === undefined ? {} : { unlabelled: sets.train.dataset.unlabelled }),
        ...(sets.dropped?.length ? { dropped: [...sets.dropped] } : {}),
        ...(sets.where?.length ? { where: [...sets.where] } : {}),
      },
      verdict: verdictOf(rated, { findings, splitLeaks, objections, copies }),
      tests: rated.map(({ test }) => test),
      copies,
      splitLeaks,
      recall,
      objections,
      cautions,
      findings,
      warnings: [...[...objections, ...cautions].map(({ message }) => message), ...leaking],
    });
    return { audit, rated, searches };
  } finally {
    await linear.close();
  }
}

/**
 * Asks what a synthetic set gives away of its training images, and writes `audit.json` (docs/audit.schema.json), a
 * self-contained `report.html` with the closest pairs, and `nearest.csv`. docs/audit.md has every rule. All three name or show
 * training images and stay inside.
 * @throws GanglionError `dataset`, `image`, `run`, `files`, `usage`; nothing is written then
 */
export async function audit(options: AuditOptions): Promise<AuditResult> {
  const { seed = 0, threads = 1, onProgress = silent, encoderImages = 8000, run, out } = options;
  const specs = options.features === undefined || options.features.length === 0 ? ["encoder"] : options.features;
  const chosen = run === undefined ? undefined : await runImages(run);
  const [label, where] = [options.label ?? chosen?.label, chosen?.where];
  return withTemporaryFolder("audit", async (cache) => {
    const sets = await openSeparateSets({ ...options, label, where, cache, threads, onProgress });
    try {
      const findings = await auditSets(sets, [...new Set(specs)], { seed, threads, encoderImages, run, onProgress });
      const report = await renderAuditReport(sets, findings);
      const [auditPath, reportPath] = [join(out, "audit.json"), join(out, "report.html")];
      await writeInside(out, "report.html", report);
      await writeInside(out, NEAREST, nearestTable(sets, findings.searches[0]!));
      await writeJsonInside(out, "audit.json", sealJson(findings.audit));
      return { audit: findings.audit, auditPath, reportPath, notes: sets.notes };
    } finally {
      sets.close();
    }
  });
}
