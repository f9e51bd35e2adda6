import { cpus } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { readJson, writeJson } from "../core/files.ts";
import { sha256 } from "../core/hash.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { userCacheFolder } from "../core/user-cache.ts";
import {
  CONVOLUTION_FORMS,
  type ConvolutionPlans,
  channelBlock,
  prepare,
  racePlans,
  runtimeVersion,
} from "../graph/index.ts";
import type { StepGraph } from "./family.ts";
import { stagesOf } from "./growth/stages.ts";
import type { RunConfig } from "./run-config.ts";
import { stepGraphs } from "./step-graphs.ts";

const plansSchema = z.record(z.string(), z.enum(CONVOLUTION_FORMS));

/** Counted up when a form is written in another way, so that it is timed again. */
const FORMS_VERSION = 3;

/** The file of the plans for this processor, this runtime and so many threads; null for a user without a folder. */
async function cachePath(threads: number): Promise<string | null> {
  const folder = userCacheFolder();
  if (folder === null) return null;
  const block = (await channelBlock()) ?? null;
  const machine = [FORMS_VERSION, cpus()[0]?.model, cpus().length, block, await runtimeVersion(), threads];
  return join(folder, `convolution-plans-${sha256(JSON.stringify(machine)).slice(0, 16)}.json`);
}

async function readPlans(path: string | null): Promise<ConvolutionPlans> {
  const stored = plansSchema.safeParse(path === null ? null : await readJson(path).catch(() => null));
  return stored.success ? stored.data : {};
}

/**
 * The fastest form of every convolution of a step's graphs: from the cache of this machine, else found by timing, which
 * takes some seconds, and cached; those that take the usual one are left out. A cache that cannot be read or written only costs the time.
 */
export async function planConvolutions(
  graphs: readonly StepGraph[],
  threads: number,
  onProgress: ProgressListener = silent,
): Promise<ConvolutionPlans> {
  const path = await cachePath(threads);
  const known = await readPlans(path);
  const outputs = Object.fromEntries(
    graphs.flatMap((graph, i) => Object.entries(prepare(graph)).map(([name, tensor]) => [`${i}.${name}`, tensor])),
  );
  const onTimed = (done: number, total: number) =>
    onProgress({ stage: "timing convolutions", done, total, unit: "shapes" });
  const raced = await racePlans(outputs, { threads, known, onTimed });
  // What another process has found meanwhile holds: two runs of one configuration compute the same bits.
  const cached = await readPlans(path);
  if (path !== null && Object.keys(raced).some((key) => cached[key] === undefined)) {
    await writeJson(path, { ...raced, ...cached }).catch(() => undefined);
  }
  const plans = Object.keys(raced).map((key) => [key, cached[key] ?? raced[key]!] as const);
  return Object.fromEntries(plans.filter(([, form]) => form !== "usual"));
}

/**
 * The configuration of a fresh run with the forms that are fastest on this machine; a GPU takes the usual ones. Writes
 * to the user's cache folder.
 */
export async function planRun(config: RunConfig, onProgress: ProgressListener = silent): Promise<RunConfig> {
  if (config.device !== "cpu") return config;
  const graphs = stagesOf(config).flatMap((stage) => stepGraphs(config, stage));
  return { ...config, plans: await planConvolutions(graphs, config.threads, onProgress) };
}
