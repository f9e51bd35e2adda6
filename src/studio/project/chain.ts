import { realpath, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { z } from "zod";
import { hashInside, orMissing, orUnusable, readJsonInside } from "../../core/inside-folder.ts";
import { contentHashes, samplesHash } from "../../data/content-hash.ts";
import { datasetHash, readDataset } from "../../data/dataset.ts";
import { isTrainingSample } from "../../data/splits.ts";
import { isBeingTrained } from "../../train/run-lock.ts";
import type { JobCommand } from "../job-forms.ts";
import type { JobRecord, Step, StepName, StepState } from "../project-api.ts";
import type { FoundItem } from "./find-items.ts";

/** Step that a command makes. */
const STEP_OF: Readonly<Partial<Record<string, StepName>>> = {
  import: "data",
  split: "data",
  train: "model",
  generate: "images",
  balance: "images",
  evaluate: "evidence",
  audit: "evidence",
  release: "release",
};

/** What belongs together: each made of the one before, or of what that was before it changed. */
export interface Chain {
  readonly steps: readonly Step[];
  readonly next: JobCommand | null;
  readonly dataset: FoundItem | null;
  readonly run: FoundItem | null;
  readonly set: FoundItem | null;
  readonly report: FoundItem | null;
  readonly audit: FoundItem | null;
  readonly release: FoundItem | null;
}

const runSchema = z.looseObject({
  resolution: z.number(),
  dataset: z.looseObject({
    path: z.string(),
    hash: z.string().optional(),
    label: z.string().nullish(),
    where: z.array(z.string()).nullish(),
  }),
});

const stampOf = async (path: string): Promise<string> => {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? "" : `${found.mtimeNs}:${found.size}:${found.ino}`;
};

/** Hashes of a project's folders, computed again when the file that lists their images has changed. */
export class Hashes {
  readonly #known = new Map<string, { stamp: string; hash: Promise<string | null> }>();

  /** Content of a set, as reports and audits state it; null where it cannot be read. */
  set(folder: string): Promise<string | null> {
    const of = async () => datasetHash(await readDataset(folder));
    return this.#once(`set ${folder}`, [join(folder, "metadata.csv")], of);
  }

  /** Of a run's `generator.onnx`; null while there is none. */
  generator(run: string): Promise<string | null> {
    const of = () => orMissing(hashInside(run, "generator.onnx"));
    return this.#once(`generator ${run}`, [join(run, "generator.onnx")], of);
  }

  /** Of the images that a run would train on now. */
  training(run: string, dataset: string, label: string | undefined, where: readonly string[]): Promise<string | null> {
    const files = [join(dataset, "metadata.csv"), dataset, `${dataset}.split.csv`, join(run, "split.csv")];
    return this.#once(`training ${run} ${dataset}`, files, async () => {
      const read = await readDataset(dataset, { label, where, run });
      const samples = read.samples.filter(isTrainingSample);
      return samplesHash(samples, await contentHashes({ ...read, samples }));
    });
  }

  async #once(name: string, files: readonly string[], compute: () => Promise<string | null>): Promise<string | null> {
    const stamp = (await Promise.all(files.map(stampOf))).join(" ");
    const known = this.#known.get(name);
    if (known?.stamp === stamp) return known.hash;
    const hash = compute().catch(() => null);
    this.#known.set(name, { stamp, hash });
    return hash;
  }
}

type RunConfig = z.infer<typeof runSchema>;

const configOf = async (run: string): Promise<RunConfig | null> => {
  const value = await orUnusable(readJsonInside(run, "config.json")).catch(() => null);
  return runSchema.safeParse(value).data ?? null;
};

/** Real path of the dataset that a run names, seen from the project or from beside the run; null where it is not there. */
async function datasetOf(project: string, run: string, { dataset }: RunConfig): Promise<string | null> {
  for (const base of [project, dirname(run)]) {
    const real = await realpath(resolve(base, dataset.path)).catch(() => null);
    if (real !== null) return real;
  }
  return null;
}

/** Newest that a rule takes; null for none. */
async function newest(items: readonly FoundItem[], takes: (item: FoundItem) => boolean | Promise<boolean>) {
  for (const item of items.toReversed()) if (await takes(item)) return item;
  return null;
}

const latest = (items: readonly FoundItem[]): FoundItem | null => items.at(-1) ?? null;

interface Link {
  readonly item: FoundItem | null;
  readonly state: StepState;
}

/** What is of the present input, else what there is of an earlier one. */
const link = (current: FoundItem | null, others: readonly FoundItem[]): Link => {
  if (current !== null) return { item: current, state: "done" };
  const item = latest(others);
  return { item, state: item === null ? "missing" : "stale" };
};

/**
 * The chain of the newest dataset of a project: which run, set, evidence and release are made of it, and whether each is of
 * what the one before is now. It is told by the hashes that the outputs state; a hash is computed only where times do not
 * settle it.
 * @param items As `findItems` gives them, oldest first.
 */
export async function findChain(
  project: string,
  items: readonly FoundItem[],
  jobs: readonly JobRecord[],
  hashes: Hashes,
): Promise<Chain> {
  const of = (kind: FoundItem["kind"]) => items.filter((item) => item.kind === kind);
  const dataset = latest(of("dataset"));
  const model = dataset === null ? NOTHING : await modelOf(project, dataset, of("run"), hashes);
  const images = model.item === null ? NOTHING : await imagesOf(model.item, of("set"), of("run"), hashes);
  const hash = images.item === null ? null : await hashes.set(images.item.folder);
  const isAbout = (item: FoundItem) => hash !== null && item.about === hash;
  const linked = async (kind: FoundItem["kind"]): Promise<Link> =>
    images.item === null ? NOTHING : link(await newest(of(kind), isAbout), of(kind));
  const [report, audit, release] = [await linked("report"), await linked("audit"), await linked("release")];
  const evidence = worse(report, audit);

  // What is made of something stale is stale too.
  let stale = false;
  const settled = (state: StepState): StepState => {
    const own = state === "done" && stale ? "stale" : state;
    stale ||= own === "stale";
    return own;
  };
  const states: Record<StepName, StepState> = {
    data: dataset === null ? "missing" : "done",
    model: settled(model.state),
    images: settled(images.state),
    evidence: settled(evidence),
    release: settled(release.state),
  };
  const running = new Set(
    jobs.filter(({ state }) => state === "running" || state === "queued").map(({ command }) => STEP_OF[command]),
  );
  // It makes one after the other.
  if (jobs.some(({ command, state }) => command === "demo" && (state === "running" || state === "queued"))) {
    running.add((["data", "model", "images", "evidence"] as const).find((name) => states[name] !== "done"));
  }
  const stateOf = (name: StepName): StepState => (running.has(name) ? "running" : states[name]);
  const step = (name: StepName, item: FoundItem | null, facts: Step["facts"]): Step => ({
    name,
    state: stateOf(name),
    path: item?.path ?? null,
    id: item?.id ?? null,
    facts,
  });
  const steps: Step[] = [
    step("data", dataset, {}),
    step("model", model.item, {}),
    step("images", images.item, {}),
    step("evidence", report.item ?? audit.item, { ...report.item?.facts, ...audit.item?.facts }),
    step("release", release.item, release.item?.facts ?? {}),
  ];
  return {
    steps,
    next: nextOf(steps, report, audit),
    dataset,
    run: model.item,
    set: images.item,
    report: report.item,
    audit: audit.item,
    release: release.item,
  };
}

const NOTHING: Link = { item: null, state: "missing" };

function worse(report: Link, audit: Link): StepState {
  const states = [report.state, audit.state];
  if (states.includes("stale")) return "stale";
  return states.includes("missing") ? "missing" : "done";
}

/** The first step that is not done; none while one runs. */
function nextOf(steps: readonly Step[], report: Link, audit: Link): JobCommand | null {
  if (steps.some(({ state }) => state === "running")) return null;
  const open = steps.find(({ state }) => state !== "done");
  if (open === undefined) return null;
  if (open.name === "data") return "import";
  if (open.name === "model") return "train";
  if (open.name === "images") return "generate";
  if (open.name === "release") return "release";
  const upstream = steps.slice(0, 3).some(({ state }) => state === "stale");
  return upstream || report.state !== "done" ? "evaluate" : audit.state === "done" ? "release" : "audit";
}

/**
 * Whether a run was trained on a dataset: it names the folder, or, where what it names lies outside of the project or is not
 * there, as after the project was moved, its images are those of the folder.
 */
async function isTrainedOn(project: string, dataset: FoundItem, run: FoundItem, config: RunConfig, hashes: Hashes) {
  const named = await datasetOf(project, run.folder, config);
  if (named === dataset.folder) return true;
  if (named?.startsWith(project + sep)) return false;
  const { hash, label, where } = config.dataset;
  return (
    hash !== undefined && hash === (await hashes.training(run.folder, dataset.folder, label ?? undefined, where ?? []))
  );
}

async function modelOf(project: string, dataset: FoundItem, runs: readonly FoundItem[], hashes: Hashes): Promise<Link> {
  for (const run of runs.toReversed()) {
    const config = await configOf(run.folder);
    if (config === null || !(await isTrainedOn(project, dataset, run, config, hashes))) continue;
    if (await isBeingTrained(run.folder)) return { item: run, state: "running" };
    if ((await hashes.generator(run.folder)) === null) return { item: run, state: "stopped" };
    const { hash, label, where } = config.dataset;
    // A dataset that was not touched since is the one that was trained on.
    if (hash === undefined || dataset.at <= run.at) return { item: run, state: "done" };
    const now = await hashes.training(run.folder, dataset.folder, label ?? undefined, where ?? []);
    return { item: run, state: now === hash ? "done" : "stale" };
  }
  return NOTHING;
}

/** Sets that the run drew as it is now; else those that no other run of the project drew. */
async function imagesOf(
  run: FoundItem,
  sets: readonly FoundItem[],
  runs: readonly FoundItem[],
  hashes: Hashes,
): Promise<Link> {
  const own = await hashes.generator(run.folder);
  const others = await Promise.all(runs.filter((one) => one !== run).map(({ folder }) => hashes.generator(folder)));
  const current = await newest(sets, ({ generator }) => own !== null && generator === own);
  return link(
    current,
    sets.filter(({ generator }) => generator !== null && !others.includes(generator)),
  );
}
