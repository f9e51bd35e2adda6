import { sha256 } from "../../core/hash.ts";
import { hashInside } from "../../core/inside-folder.ts";
import { pixelHash } from "../image.ts";
import { mapLimited } from "../parallel.ts";
import type { Dataset, Sample } from "../types.ts";
import { TONE_ESTIMATED } from "./image-map.ts";

/**
 * SHA-256 of what {@link packMaps} reads beside the images themselves: masks and the rule that reads them, and the cells of boxes and
 * tones; lower-case hex. Another after each of them was corrected.
 * @throws GanglionError `image` or `files` for masks that cannot be read
 */
export async function mapSourcesHash(dataset: Dataset): Promise<string> {
  const { columns, maskRule, samples } = dataset;
  const cells = [...(columns.box ?? []), ...(columns.tone === undefined ? [] : [columns.tone, TONE_ESTIMATED])];
  const maskOf = maskHashes(dataset);
  const lines = await mapLimited(samples, 4, async (sample) => [
    sample.fileName,
    await maskOf(sample),
    cells.map((column) => sample.attributes[column] ?? ""),
  ]);
  dataset.reader.release();
  return sha256(JSON.stringify([cells, maskRule ?? null, lines.map((line) => JSON.stringify(line)).sort()]));
}

/** What names the mask of a sample: its shapes, the hashes of its files, each read once, or of its pixels where it has no files. */
function maskHashes(dataset: Dataset): (sample: Sample) => Promise<readonly string[]> {
  const { root, reader, links = "follow" } = dataset;
  const files = new Map<string, Promise<string>>();
  const fileHash = (path: string) => {
    if (!files.has(path)) files.set(path, hashInside(root, path, links));
    return files.get(path)!;
  };
  return async (sample) => {
    const { mask, moreMasks = [], drawn } = sample;
    if (drawn !== undefined) return [sha256(JSON.stringify(drawn))];
    if (mask === undefined) return [];
    if (reader.imageFiles) return Promise.all([mask, ...moreMasks].map(fileHash));
    const decoded = await reader.readMask(dataset, sample);
    return decoded === null ? [] : [pixelHash(decoded)];
  };
}
