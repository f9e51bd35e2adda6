import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { decodeSafetensors } from "../../src/model/safetensors.ts";

/** Names in a folder; none where it is not there. */
export const names = (path: string): string[] => (existsSync(path) ? readdirSync(path) : []);

/** Numbered checkpoints of a run, oldest first. */
export const checkpointsOf = (run: string): string[] =>
  names(join(run, "checkpoints"))
    .filter((name) => /^\d+\.safetensors$/.test(name))
    .sort();

/** All that a run leaves, but for clock times: `seconds` in checkpoints, `seconds` and `imagesPerSecond` in stats.jsonl. */
export function resultOf(run: string) {
  const tensorsOf = (name: string) => {
    const { tensors, metadata } = decodeSafetensors(readFileSync(join(run, "checkpoints", name)), name);
    const { seconds, ...progress } = JSON.parse(metadata.progress!);
    expect(seconds).toBeGreaterThan(0);
    const bytes = Object.entries(tensors).map(([key, { data }]) => {
      return [key, Buffer.from(data.buffer as ArrayBuffer).toString("base64")] as const;
    });
    return { progress, config: metadata.config_sha256, tensors: Object.fromEntries(bytes) };
  };
  const latest = checkpointsOf(run).at(-1) ?? "";
  return {
    latest,
    state: tensorsOf(latest),
    best: tensorsOf("best.safetensors"),
    generator: readFileSync(join(run, "generator.onnx")).toString("base64"),
    stats: readFileSync(join(run, "stats.jsonl"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => ({ ...JSON.parse(line), seconds: 0, imagesPerSecond: 0 })),
    samples: names(join(run, "samples")).map((name) => [name, readFileSync(join(run, "samples", name), "base64")]),
  };
}
