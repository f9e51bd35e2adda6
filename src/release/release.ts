import { basename, join, resolve, sep } from "node:path";
import type { AuditFile } from "../audit/audit-file.ts";
import { GanglionError } from "../core/errors.ts";
import { readJson, writeFileAtomic, writeJson } from "../core/files.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { schemaProblems } from "../core/schema-problems.ts";
import { withTemporaryFolder } from "../core/scratch/temporary-folder.ts";
import { isSealed } from "../core/sealed-json.ts";
import { fillFolder, readDataset, refuseNonEmpty } from "../data/index.ts";
import { readLeftOut } from "../data/left-out.ts";
import type { Dataset } from "../data/types.ts";
import { type MetricsFile, metricsSchema } from "../evaluate/index.ts";
import { rank } from "../evaluate/verdict/grade.ts";
import { loweredStatements } from "./accepted.ts";
import { datasetCard } from "./card/dataset-card.ts";
import { modelCard } from "./card/model-card.ts";
import { NOT_COMPARED, NOT_REDRAWN, OTHER_TRAINING, residualText } from "./card/privacy-statement.ts";
import { writeChecksums } from "./checksums.ts";
import type { ReleaseConfig } from "./config.ts";
import { releaseImages } from "./content.ts";
import { type FormatName, openFormat } from "./formats.ts";
import { acceptedWarnings } from "./gate/audit-rules.ts";
import { decide, type Passed, parseAudit } from "./gate/decide.ts";
import { DrawnImages } from "./gate/drawn-images.ts";
import { LEAST_GRADE } from "./gate/grade-rules.ts";
import type { Residual } from "./gate/reproduction-rules.ts";
import type { ConfigTexts } from "./gate/text-rules.ts";
import { licenseText, OWN_LICENSE, parseLicense } from "./license.ts";
import { checkPackage } from "./package-rules.ts";
import type { ReleaseContent, ReleaseLicense } from "./package-writer.ts";
import { AS_TEXT, readOtherwise } from "./pandas-labels.ts";
import { PUBLIC_PROVENANCE, publicProvenance } from "./provenance-file.ts";
import { type ReleasedGenerator, readReleasedGenerator } from "./released-generator.ts";

export interface ReleaseOptions {
  /** Synthetic set that `generate` wrote. */
  readonly dataset: string;
  /** Folder with `audit.json`. */
  readonly audit: string;
  /** Folder to write; null decides and writes nothing. */
  readonly out: string | null;
  readonly format: FormatName;
  readonly config: ReleaseConfig;
  /** Version of Ganglion. */
  readonly version: string;
  /** SPDX identifier. Defaults to the licence of the dataset. */
  readonly license?: string | undefined;
  /** Folder with `metrics.json`. Defaults to no figures. */
  readonly metrics?: string | undefined;
  /** Run whose generator is released too. Defaults to none. */
  readonly withGenerator?: string | undefined;
  /** Run that drew the images, to draw them again and compare. Defaults to that of `withGenerator`; none is refused. */
  readonly run?: string | undefined;
  /** Trusts the records of the images instead, which the cards then state. Defaults to false. */
  readonly withoutRun?: boolean | undefined;
  /** Training images, against which the audit is made again. Defaults to those that the run names. */
  readonly train?: string | undefined;
  /** Held-out images of the audit. Defaults to those of the training dataset that it does not train on. */
  readonly holdout?: string | undefined;
  /** File that names images which do not leave, one a line. Defaults to none. */
  readonly leaveOut?: string | undefined;
  /** Threads of the audit that is made again. Defaults to 1. */
  readonly threads?: number | undefined;
  /** Day of publication where the config states none, `YYYY-MM-DD`. Defaults to none. */
  readonly date?: string | undefined;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Ends the work between two images. Defaults to never. */
  readonly signal?: AbortSignal | undefined;
}

/** What was released, or would be. */
export interface Release {
  /** Absolute path; null where nothing was written. */
  readonly folder: string | null;
  readonly name: string;
  readonly images: number;
  /** Images of each class. */
  readonly classes: Readonly<Record<string, number>>;
  /** Names of the copies that were left out. */
  readonly removed: readonly string[];
  /** Names of the others that {@link ReleaseOptions.leaveOut} left out. */
  readonly leftOut: readonly string[];
  /** How far the set was from what its run drew again; null without a run. */
  readonly residual: Residual | null;
  readonly license: string;
  /** Names the content. */
  readonly hash: string;
  /** SHA-256 of `SHA256SUMS`; null where nothing was written. */
  readonly fingerprint: string | null;
  /** What a person should know. */
  readonly notes: readonly string[];
}

function licenseOf(given: string | undefined, dataset: Dataset, notes: string[]): ReleaseLicense {
  const stated = dataset.license?.trim() || undefined;
  const text = given ?? stated;
  if (text === undefined) {
    throw new GanglionError(
      "usage",
      "--license ID is missing: under which licence may the release be used, e.g. CC-BY-4.0",
    );
  }
  const license = parseLicense(text);
  if (given !== undefined && stated !== undefined && stated.toUpperCase() !== license.spdx.toUpperCase()) {
    notes.push(
      `the dataset states the licence ${stated}, the release ${license.spdx}: see that the first allows the second`,
    );
  }
  return license;
}

const METRICS_FILE = "metrics.json";

/** Reads `metrics.json`. @throws GanglionError `dataset` */
function parseMetrics(value: unknown, path: string): MetricsFile {
  const found = metricsSchema.safeParse(value);
  if (found.success) return found.data;
  const [first] = schemaProblems(metricsSchema, found.error, value, "metrics");
  const message = `${path} does not hold figures of this version (${first!.path}: ${first!.message}); run \`ganglion evaluate\` again`;
  throw new GanglionError("dataset", message, { cause: found.error });
}

/** @throws GanglionError `usage` for a folder within one of the inputs, which would change them */
function refuseInside(out: string, inputs: readonly (string | undefined)[]): void {
  const target = resolve(out) + sep;
  for (const input of inputs) {
    if (input === undefined || !target.startsWith(resolve(input) + sep)) continue;
    throw new GanglionError("usage", `--out ${out} lies in ${input}; choose a folder outside the released data`);
  }
}

/** Text that no file of the release may hold: where inputs lie, and how training images are called. */
function secretsOf(options: ReleaseOptions, content: ReleaseContent): string[] {
  const { dataset, audit, metrics, run, train, holdout, withGenerator, out } = options;
  const paths = [dataset, audit, metrics, run, train, holdout, withGenerator, out]
    .filter((path) => typeof path === "string")
    .map((path) => resolve(path))
    .filter((path) => path.length > 4);
  const own = new Set(content.images.flatMap(({ fileName, mask }) => [fileName, mask?.fileName ?? ""]));
  const names = content.audit.copies.flatMap(({ train: name }) => {
    const stem = basename(name).replace(/\.[a-z]+$/i, "");
    return [...(own.has(name) ? [] : [name]), ...(/[a-z]/i.test(stem) && stem.length >= 6 ? [stem] : [])];
  });
  return [...paths, ...names];
}

/** Texts of config and licence that a release shows, besides who answers for it. */
function textsOf({ name, description, url, dicom }: ReleaseConfig, { spdx }: ReleaseLicense): ConfigTexts {
  const prose = Object.entries({ name, description, url }).flatMap(([key, text]) =>
    text === null ? [] : [[`--config: ${key}`, text] as const],
  );
  const concepts: (readonly [string, string])[] = [];
  for (const [key, code] of Object.entries({ anatomicRegion: dicom.anatomicRegion, ...dicom.classes })) {
    if (code === null) continue;
    const path = `--config: dicom: ${key}`;
    concepts.push([path, code.meaning], [`${path} (scheme)`, code.scheme]);
    // Codes are long numbers, as those of people are: only one without a digit can be a word.
    (/\d/.test(code.value) ? prose : concepts).push([`${path} (value)`, code.value]);
  }
  if (spdx.startsWith(OWN_LICENSE)) concepts.push(["license", spdx.slice(OWN_LICENSE.length)]);
  return { prose: Object.fromEntries(prose), concepts: Object.fromEntries(concepts) };
}

/** What was not shown and is released all the same, because the config or a flag says so: the cards repeat it. */
function statementsOf(passed: Passed, { audit, config, withoutRun }: Stated): string[] {
  const { gate } = config;
  const stated = [
    ...(withoutRun ? [NOT_REDRAWN] : []),
    ...(passed.compared ? [] : [NOT_COMPARED]),
    ...(gate.sameTraining ? [] : [OTHER_TRAINING]),
    ...loweredGrade(passed, gate),
    ...acceptedWarnings(audit, gate).map((message) => `Accepted warning of the audit: ${message}`),
    ...passed.accepted.map((message) => `Accepted: ${message}`),
    ...loweredStatements(gate),
    ...leftOutStatement(passed.leftOut.length),
  ];
  if (gate.notIdentifiers.length > 0) {
    stated.push(`Accepted as no identifiers of people: ${gate.notIdentifiers.join(", ")}.`);
  }
  return stated;
}

/** Figures of audit and metrics are of the whole set, which a reader of the card must know. */
const leftOutStatement = (n: number): string[] =>
  n === 0
    ? []
    : [
        `${n === 1 ? "1 image was" : `${n} images were`} left out by choice before this was released; what is said of audit and metrics is of the set with ${n === 1 ? "it" : "them"}.`,
      ];

/** What a lower limit of the grade let through. */
function loweredGrade({ verdict }: Passed, { minGrade }: ReleaseConfig["gate"]): string[] {
  if (minGrade === null || rank(minGrade) >= rank(LEAST_GRADE)) return [];
  const found = verdict === null ? "the grade is not known" : `the grade is “${verdict.grade}”: ${verdict.sentence}`;
  return [`The lowest grade that may be released was lowered from “${LEAST_GRADE}” to “${minGrade}”; ${found}.`];
}

interface Stated {
  readonly audit: AuditFile;
  readonly config: ReleaseConfig;
  readonly withoutRun: boolean;
}

/** What a person should know who releases. */
function notesOf({ residual, compared }: Passed, run: string | null): string[] {
  const notes: string[] = [];
  if (run === null) {
    notes.push("the images were not drawn again (--without-run), which the cards state: --run RUN proves their origin");
  }
  if (residual !== null)
    notes.push(`every image was drawn again and is released as it was drawn here; ${residualText(residual)}`);
  if (!compared)
    notes.push(
      "the images were not compared with the training images (gate.withoutTraining), which the cards state: --train DATASET does it",
    );
  return notes;
}

/**
 * Lets a synthetic set leave if the gate lets it, and packs it. There is a whole release or none.
 * @throws GanglionError `refused` with all reasons of the gate at once; other codes for inputs that cannot be read
 */
export async function release(options: ReleaseOptions): Promise<Release> {
  const { out, withoutRun = false } = options;
  const run = options.run ?? options.withGenerator ?? null;
  if (withoutRun && run !== null) {
    throw new GanglionError("usage", `--without-run, and the run ${run} is given too: leave one of them out`);
  }
  if (out !== null) {
    const { dataset, audit, withGenerator, train, holdout } = options;
    refuseInside(out, [dataset, audit, options.run, withGenerator, train, holdout]);
    await refuseNonEmpty(resolve(out));
  }
  return withTemporaryFolder("release", async (cache) => {
    const drawn = await DrawnImages.create(cache);
    try {
      return await decideAndPack(options, { run, withoutRun, drawn, cache });
    } finally {
      await drawn.close();
    }
  });
}

/** What a reader of the release should know of its labels. */
function labelNotes({ classes }: Dataset, { protocol }: AuditFile): string[] {
  const read = readOtherwise(classes);
  const unlabelled = protocol?.unlabelled;
  return [
    ...(read.length === 0
      ? []
      : [
          `pandas, and so load_dataset, reads the classes ${read.join(" and ")}; rename the classes, or tell users to read the table with ${AS_TEXT}, as the card says`,
        ]),
    ...(unlabelled === undefined ? [] : [`of the training dataset ${unlabelled}`]),
  ];
}

/** A refusal says everything that is known besides its reasons, so that nothing comes up only after they are met. */
async function withNotes<T>(notes: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GanglionError) || error.code !== "refused" || notes.length === 0) throw error;
    const message = [error.message, ...notes.map((note) => `  also: ${note}`)].join("\n");
    throw new GanglionError("refused", message, { problems: error.problems, cause: error });
  }
}

interface Work {
  readonly run: string | null;
  readonly withoutRun: boolean;
  readonly drawn: DrawnImages;
  /** Temporary folder. */
  readonly cache: string;
}

async function decideAndPack(options: ReleaseOptions, { run, withoutRun, drawn, cache }: Work): Promise<Release> {
  const { out, config, onProgress = silent, signal = new AbortController().signal } = options;
  const notes: string[] = [];
  const auditPath = join(options.audit, "audit.json");
  const auditValue = await readJson(auditPath);
  const audit = parseAudit(auditValue, auditPath);
  const metricsValue = options.metrics === undefined ? null : await readJson(join(options.metrics, METRICS_FILE));
  const metrics = metricsValue === null ? null : parseMetrics(metricsValue, join(options.metrics!, METRICS_FILE));
  const dataset = await readDataset(options.dataset, { links: "refuse" });
  const license = licenseOf(options.license, dataset, notes);
  const generator = options.withGenerator === undefined ? null : await readReleasedGenerator(options.withGenerator);
  notes.push(...labelNotes(dataset, audit));
  const leftOut = options.leaveOut === undefined ? new Set<string>() : await readLeftOut(options.leaveOut, dataset);
  const passed = await withNotes(notes, () =>
    decide({
      ...{ dataset, audit, metrics, generator, run, withoutRun, drawn, cache, onProgress, signal },
      edited: [
        ...(isSealed(auditValue) ? [] : ["audit.json"]),
        ...(metricsValue === null || isSealed(metricsValue) ? [] : [METRICS_FILE]),
      ],
      pictureFolder: out === null ? null : (options.metrics ?? options.audit),
      config: config.gate,
      train: options.train ?? null,
      holdout: options.holdout ?? null,
      threads: options.threads ?? 1,
      leftOut,
      texts: textsOf(config, license),
    }),
  );
  const { images, drawings, hash } = releaseImages(dataset, passed);
  const content: ReleaseContent = {
    name: config.name ?? `ganglion-${hash.slice(0, 8)}`,
    description: config.description ?? describe(images.length, dataset.classes),
    license,
    creator: config.creator,
    url: config.url,
    date: config.date ?? options.date ?? null,
    version: options.version,
    hash,
    classes: dataset.classes,
    images,
    removed: passed.removed.length,
    relabelled: passed.candidates.some(({ record }) => record?.drawn_as !== undefined),
    residual: passed.residual,
    compared: passed.compared,
    starts: passed.starts,
    statements: statementsOf(passed, { audit, config, withoutRun }),
    audit,
    metrics,
    privacy: audit.run?.differentialPrivacy ?? null,
  };
  const format = await openFormat(options.format, config);
  const unfit = format.check?.(content) ?? [];
  if (unfit.length > 0)
    throw new GanglionError("dataset", `the set is not fit for --format ${format.name}: ${unfit.join("; ")}`);
  notes.push(...notesOf(passed, run));
  const counts = dataset.classes.map((name) => [name, images.filter(({ label }) => label === name).length] as const);
  const result = {
    name: content.name,
    images: images.length,
    classes: Object.fromEntries(counts),
    removed: passed.removed,
    leftOut: passed.leftOut,
    residual: passed.residual,
    license: license.spdx,
    hash,
  };
  if (out === null) return { ...result, folder: null, fingerprint: null, notes };
  const folder = resolve(out);
  const provenance = publicProvenance(content, drawings);
  const fingerprint = await fillFolder(folder, async (temporary) => {
    const written = await format.write(content, temporary, { onProgress, signal });
    notes.push(...written.notes);
    await writeJson(join(temporary, PUBLIC_PROVENANCE), provenance);
    await writeFileAtomic(join(temporary, "LICENSE"), licenseText(license, content.creator));
    await writeFileAtomic(join(temporary, "README.md"), datasetCard(content, written, generator !== null));
    if (generator !== null) await writeGenerator(temporary, content, generator);
    await checkPackage(temporary, secretsOf(options, content));
    return writeChecksums(temporary);
  });
  return { ...result, folder, fingerprint, notes };
}

const describe = (images: number, classes: readonly string[]): string =>
  `${images} synthetic medical images of ${classes.length === 1 ? "one class" : `${classes.length} classes`} (${classes.join(", ")}), drawn by a generative adversarial network.`;

async function writeGenerator(
  folder: string,
  content: ReleaseContent,
  { bytes, facts }: ReleasedGenerator,
): Promise<void> {
  await writeFileAtomic(join(folder, "generator", "generator.onnx"), bytes);
  await writeFileAtomic(join(folder, "generator", "README.md"), modelCard(content, facts));
}
