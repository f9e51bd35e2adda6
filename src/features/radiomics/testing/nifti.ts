import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Triple, Volume } from "../volume.ts";

/** Reads a gzipped single-file NIfTI-1 volume of int16, little endian. */
export function readNifti(path: string): Volume {
  const raw = gunzipSync(readFileSync(path));
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const size = [42, 44, 46].map((at) => view.getInt16(at, true)) as unknown as Triple;
  const spacing = [80, 84, 88].map((at) => view.getFloat32(at, true)) as unknown as Triple;
  const start = view.getFloat32(108, true);
  const data = Float64Array.from({ length: size[0] * size[1] * size[2] }, (_, i) => view.getInt16(start + 2 * i, true));
  return { size, spacing, data };
}
