import { cpus } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { readJson, writeJson } from "../core/files.ts";
import { sha256 } from "../core/hash.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { userCacheFolder } from "../core/user-cache.ts";
import { CONVOLUTION_FORMS, type ConvolutionPlans, prepare, racePlans, runtimeVersion } from "../graph/index.ts";
import type { StepGraph } from "./trainer.ts";

const plansSchema = z.record(z.string(), z.enum(CONVOLUTION_FORMS));

/** The file of the plans for this processor, this runtime and so many threads. */
async function cachePath(threads: number): Promise<string> {
  const machine = [cpus()[0]?.model, cpus().length, await runtimeVersion(), threads];
  return join(userCacheFolder(), `convolution-plans-${sha256(JSON.stringify(machine)).slice(0, 16)}.json`);
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
  const stored = plansSchema.safeParse(await readJson(path).catch(() => null));
  const known = stored.success ? stored.data : {};
  const outputs = Object.fromEntries(
    graphs.flatMap((graph, i) => Object.entries(prepare(graph)).map(([name, tensor]) => [`${i}.${name}`, tensor])),
  );
  const onTimed = (done: number, total: number) =>
    onProgress({ stage: "timing convolutions", done, total, unit: "shapes" });
  const plans = await racePlans(outputs, { threads, known, onTimed });
  if (Object.keys(plans).some((key) => known[key] === undefined)) {
    await writeJson(path, { ...known, ...plans }).catch(() => undefined);
  }
  return Object.fromEntries(Object.entries(plans).filter(([, form]) => form !== "usual"));
}
