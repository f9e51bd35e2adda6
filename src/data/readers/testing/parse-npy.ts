import { inCOrder, type NpyArray, npyError, parseNpyHeader } from "../npy.ts";

/** Parses a whole `.npy` file, elements put in C order. @throws GanglionError `archive` */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const header = parseNpyHeader(bytes, name);
  if (header === null) throw npyError(name, "the array is cut short within its header; write it again");
  const wanted = header.count * header.itemBytes;
  const data = bytes.subarray(header.dataAt);
  if (data.length !== wanted) {
    throw npyError(name, `the array has ${data.length} bytes where its shape needs ${wanted}; write it again`);
  }
  return inCOrder(header, data);
}
