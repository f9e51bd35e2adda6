import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect } from "vitest";
import type { AuditFile } from "../../audit/audit-file.ts";
import { writeJson } from "../../core/files.ts";
import { sealJson } from "../../core/sealed-json.ts";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { datasetHash, readDataset } from "../../data/index.ts";
import type { MetricsFile } from "../../evaluate/metrics-file.ts";
import type { ReleaseConfig } from "../config.ts";
import { type ReleaseOptions, release } from "../release.ts";
import { edit } from "./case.ts";
import { FORGER_CONFIG, realName, writeForgerCase } from "./forger-case.ts";

let folder: string;
/** A path in the folder of a file's forgeries; `true` holds what is true. */
export const at = (...names: string[]) => join(folder, ...names);
export const VICTIMS = [1, 2, 3].map((i) => `images/nevus/00000${i}.png`);
export const [VICTIM] = VICTIMS as [string, ...string[]];
export const HOOK = 240_000;

/** Writes what is true before the tests of a file. */
export const useForgerCase = (): void =>
  beforeAll(async () => {
    folder = await temporaryFolder();
    await writeForgerCase(at("true"));
    // A run that does not say where its images are: drawing again is then all that is done with it.
    await cp(at("true/run"), at("true/bare"), { recursive: true });
    await edit(at("true/bare/config.json"), (json) => json.replace(/"path":\s*"[^"]*",/, ""));
  }, HOOK);

let copies = 0;
export async function plant(spoil: (set: string, whole: string) => Promise<unknown>): Promise<string> {
  const whole = at(`forged-${++copies}`);
  for (const part of ["set", "audit", "run", "bare"])
    await cp(at("true", part), join(whole, part), { recursive: true });
  await spoil(join(whole, "set"), whole);
  return whole;
}

export const without: ReleaseConfig = { ...FORGER_CONFIG, gate: { ...FORGER_CONFIG.gate, withoutTraining: true } };

/** By the run alone: images are drawn again, the audit is believed. */
export const byRun = (whole: string, change: Partial<ReleaseOptions> = {}) =>
  release({
    ...{ dataset: join(whole, "set"), audit: join(whole, "audit"), run: join(whole, "bare") },
    ...{ out: null, format: "imagefolder" as const, config: without, version: "0.0.0" },
    ...change,
  });
/** With all that the gate can do. */
export const whole = (path: string, change: Partial<ReleaseOptions> = {}) =>
  byRun(path, { run: join(path, "run"), config: FORGER_CONFIG, ...change });

export async function codes(made: Promise<unknown>): Promise<string[]> {
  const error = await failure(made);
  expect([error.code, error.exitCode], error.message).toEqual(["refused", 3]);
  return error.problems.map(({ code }) => code).sort();
}

/** Makes the audit one of the set as it lies there, and says what the forger wants it to. */
export async function forgeAudit(
  root: string,
  change: (audit: AuditFile) => Partial<AuditFile> = () => ({}),
): Promise<void> {
  const path = join(root, "audit/audit.json");
  const audit: AuditFile = JSON.parse(await readFile(path, "utf8"));
  const set = await readDataset(join(root, "set"));
  const synthetic = { n: set.samples.length, hash: await datasetHash(set) };
  await writeJson(path, sealJson({ ...audit, synthetic, ...change(audit) }));
}

export async function forgeMetrics(
  root: string,
  change: (metrics: MetricsFile) => Partial<MetricsFile>,
): Promise<void> {
  const path = join(root, "metrics/metrics.json");
  const metrics: MetricsFile = JSON.parse(await readFile(path, "utf8"));
  await writeJson(path, sealJson({ ...metrics, ...change(metrics) }));
}

export const real = (image: number) => readFile(at("true/real", realName(image)));
export const setColumn = (name: string, value: (row: number) => string) => (csv: string) =>
  csv
    .trimEnd()
    .split("\n")
    .map((line, i) => `${line},${i === 0 ? name : value(i)}\n`)
    .join("");
