import { readFileSync } from "node:fs";
import { GanglionError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { placed } from "../core/quoted.ts";
import type { FrozenNetwork } from "../model/index.ts";

/**
 * The ONNX model of a frozen network.
 * @throws GanglionError `files` where it cannot be read, `run` where it is another one than the run was begun with
 */
export function readFrozen({ file, sha256: hash }: Pick<FrozenNetwork, "file" | "sha256">): Uint8Array {
  const remedy = "put the file that the run was begun with back, or begin another run";
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new GanglionError(
      "files",
      `${placed(file)}: the run's frozen network cannot be read (${(cause as Error).message}); ${remedy}`,
      { cause },
    );
  }
  const found = sha256(bytes);
  if (found !== hash) {
    const message = `${placed(file)}: is another frozen network (SHA-256 ${found.slice(0, 12)}) than the run was begun with (${hash.slice(0, 12)}); ${remedy}`;
    throw new GanglionError("run", message);
  }
  return bytes;
}
