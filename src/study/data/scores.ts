import { join } from "node:path";
import { readBytes, writeFileAtomic } from "../../core/files.ts";

const SCORES = "scores.f32";

/** @param scores Probabilities float32 [images, classes], row-major. @throws GanglionError `files` */
export async function writeScores(folder: string, scores: Float32Array): Promise<void> {
  await writeFileAtomic(join(folder, SCORES), new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength));
}

/** Probabilities [images, classes] of an artefact of kind `score`. @throws GanglionError `files` */
export async function readScores(folder: string): Promise<Float32Array> {
  return new Float32Array(new Uint8Array(await readBytes(join(folder, SCORES))).buffer);
}
