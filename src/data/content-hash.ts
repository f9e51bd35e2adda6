import { createHash } from "node:crypto";
import { mapLimited } from "./parallel.ts";
import type { Dataset, Sample } from "./types.ts";

/** SHA-256 of the content of each sample: that of its file, of its pixels where it has none. @throws GanglionError `files` */
export function contentHashes(dataset: Dataset): Promise<string[]> {
  return mapLimited(dataset.samples, 4, (sample) => dataset.reader.contentHash(dataset, sample));
}

/** The same as {@link datasetHash}, of samples whose contents are known. @param contents As {@link contentHashes} gives them. */
export function samplesHash(samples: readonly Sample[], contents: readonly string[]): string {
  const lines = samples.map((sample, i) => JSON.stringify([sample.fileName, sample.label, contents[i]]));
  const hash = createHash("sha256");
  for (const line of lines.sort()) hash.update(`${line}\n`);
  return hash.digest("hex");
}
