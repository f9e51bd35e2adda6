import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Triple, Volume } from "../volume.ts";

const readers: Record<string, [number, (view: DataView, at: number) => number]> = {
  short: [2, (view, at) => view.getInt16(at, true)],
  int: [4, (view, at) => view.getInt32(at, true)],
};

/** Reads a three-dimensional NRRD file, little endian, raw or gzip. */
export function readNrrd(path: string): Volume {
  const bytes = readFileSync(path);
  const end = bytes.indexOf("\n\n");
  const fields = new Map(
    bytes
      .subarray(0, end)
      .toString("latin1")
      .split("\n")
      .filter((line) => line.includes(": "))
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)] as const),
  );
  const size = fields.get("sizes")!.split(" ").map(Number) as unknown as Triple;
  const spacing = fields
    .get("space directions")!
    .split(" ")
    .map((vector) => Math.hypot(...vector.slice(1, -1).split(",").map(Number))) as unknown as Triple;
  const packed = bytes.subarray(end + 2);
  const raw = fields.get("encoding") === "gzip" ? gunzipSync(packed) : packed;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const [width, read] = readers[fields.get("type")!]!;
  const data = Float64Array.from({ length: size[0] * size[1] * size[2] }, (_, i) => read(view, i * width));
  return { size, spacing, data };
}
