import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { FileHandle } from "node:fs/promises";

/** SHA-256 of bytes or text, lower-case hex. */
export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** SHA-256 of a file's content, read in pieces, lower-case hex. */
export async function sha256File(path: string): Promise<string> {
  return sha256Stream(createReadStream(path));
}

/** The same of an opened file, which stays open. */
export const sha256Opened = (file: FileHandle): Promise<string> =>
  sha256Stream(file.createReadStream({ autoClose: false }));

async function sha256Stream(pieces: AsyncIterable<unknown>): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of pieces) hash.update(piece as Uint8Array);
  return hash.digest("hex");
}
