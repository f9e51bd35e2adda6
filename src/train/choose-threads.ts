import { existsSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { readJson, writeJson } from "../core/files.ts";
import { sha256 } from "../core/hash.ts";
import type { Listeners } from "../core/listeners.ts";
import { processor } from "../core/processor.ts";
import { silent } from "../core/progress.ts";
import { userCacheFolder } from "../core/user-cache.ts";
import { runtimeVersion } from "../graph/index.ts";
import { isPrivate } from "./dp/private-config.ts";
import { timeProbe } from "./measure-step.ts";
import type { RunConfig } from "./run-config.ts";

/** More threads are taken only where a step takes less than this share of its time with fewer. */
const GAINS = 0.9;
/** A machine with more of its cores at work than this says nothing about threads. */
const BUSY = 0.3;

const cachedSchema = z.object({ threads: z.number().int().positive(), seconds: z.record(z.string(), z.number()) });
type Measured = z.infer<typeof cachedSchema>;

/** The file of what was measured for the networks of a run on this machine; null for a user without a folder. */
async function cachePath({ model, preset, resolution, channels }: RunConfig): Promise<string | null> {
  const folder = userCacheFolder();
  if (folder === null) return null;
  const { model: name, cores, logical } = processor();
  const key = [name, cores, logical, await runtimeVersion(), model, preset, resolution, channels];
  return join(folder, `threads-${sha256(JSON.stringify(key)).slice(0, 16)}.json`);
}

async function cached(path: string | null): Promise<Measured | null> {
  const stored = cachedSchema.safeParse(path === null ? null : await readJson(path).catch(() => null));
  return stored.success ? stored.data : null;
}

/** Threads of a run that names none, without measuring: as measured before on this machine, else all physical cores. */
export async function likelyThreads(config: RunConfig): Promise<number> {
  return (await cached(await cachePath(config)))?.threads ?? processor().cores;
}

/** What the system says of a GPU, without loading its driver, which may be broken; null where it says nothing. */
function gpuFile(): string | null {
  if (process.platform === "darwin" && process.arch === "arm64") return "in this processor there";
  return ["/dev/dri/renderD128", "/dev/nvidia0", "/dev/dxg"].find((path) => existsSync(path)) ?? null;
}

/** Counts that are tried: 1, 2, 4, ... and all cores. */
export function countsUpTo(cores: number): number[] {
  const counts: number[] = [];
  for (let count = 1; count < cores; count *= 2) counts.push(count);
  return [...counts, cores];
}

/**
 * The count after which a step stops gaining.
 * @param seconds Time of a step with so many threads; asked in rising order and no further than needed.
 */
export async function countThatGains(
  counts: readonly number[],
  seconds: (count: number) => Promise<number>,
): Promise<Measured> {
  let threads = counts[0]!;
  let best = await seconds(threads);
  const measured: Record<string, number> = { [threads]: best };
  for (const count of counts.slice(1)) {
    const taken = await seconds(count);
    measured[count] = taken;
    if (taken > GAINS * best) break;
    [threads, best] = [count, taken];
  }
  return { threads, seconds: measured };
}

/**
 * Threads for a run that names none: all physical cores up to where a measured step stops gaining. What was measured is kept in the
 * user's cache folder; a machine that is busy is not measured and gives all its cores. The choice is said.
 */
export async function chooseThreads(config: RunConfig, { onNote, onProgress = silent }: Listeners): Promise<number> {
  const { cores } = processor();
  const say = (threads: number, why: string) => {
    onNote?.(
      `training with ${threads} ${threads === 1 ? "thread" : "threads"}: ${why}; --threads N takes another number`,
    );
    return threads;
  };
  const gpu = gpuFile();
  if (gpu !== null) onNote?.(`${gpu} is a GPU: \`ganglion doctor\` says whether it can be used, with --device webgpu`);
  if (cores === 1) return say(1, "this machine has one core");
  if (isPrivate(config)) return say(cores, "all physical cores");
  const path = await cachePath(config);
  const before = await cached(path);
  if (before !== null) return say(before.threads, `measured here before (${shown(before)})`);
  if (loadavg()[0]! > BUSY * cores) return say(cores, "all physical cores, not measured while the machine is busy");
  const counts = countsUpTo(cores);
  const report = (done: number) => onProgress({ stage: "timing threads", done, total: counts.length, unit: "counts" });
  report(0);
  const measured = await countThatGains(counts, async (threads) => {
    const taken = await timeProbe({ ...config, threads });
    report(counts.indexOf(threads) + 1);
    return taken;
  });
  if (path !== null) await writeJson(path, measured).catch(() => undefined);
  return say(measured.threads, `more gain nothing or there are none (${shown(measured)})`);
}

/** `1: 130 ms, 2: 94 ms`. */
function shown({ seconds }: Measured): string {
  return Object.entries(seconds)
    .map(([count, taken]) => `${count}: ${Number((1000 * taken).toPrecision(2))} ms`)
    .join(", ");
}
