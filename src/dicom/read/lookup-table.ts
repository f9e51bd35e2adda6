import type { DicomDataset, Tag } from "./elements.ts";

/** A lookup table of DICOM (PS3.3 sections C.11.1.1 and C.11.2.1.1). */
export interface LookupTable {
  /** Value that the first entry is of. */
  readonly first: number;
  /** Bits of an entry, 8 to 16. */
  readonly bits: number;
  readonly entries: Uint16Array;
}

/** What the table makes of a value: the first entry for values below its range, the last for those above. */
export function lookUp({ first, entries }: LookupTable, value: number): number {
  const index = Math.round(value) - first;
  return entries[index < 0 ? 0 : index >= entries.length ? entries.length - 1 : index]!;
}

/**
 * Reads a table from its descriptor (entries, first value, bits) and data.
 * @param signed True where the values that are looked up are signed, and with them the descriptor's second number.
 * @returns undefined where the table is absent or cut short.
 */
export function readTable(
  dataset: DicomDataset,
  descriptorTag: Tag,
  dataTag: Tag,
  signed: boolean,
): LookupTable | undefined {
  const descriptor = dataset.integers(descriptorTag);
  if (descriptor.length < 3) return undefined;
  const count = descriptor[0]! & 0xffff || 65536;
  const first = signed || descriptor[1]! < 0 ? (descriptor[1]! << 16) >> 16 : descriptor[1]!;
  const bits = descriptor[2]! & 0xffff;
  const entries = tableEntries(dataset, dataTag, count, bits);
  return entries === undefined ? undefined : { first, bits, entries };
}

/** Entries of 16 bits, or of 8 bits where the data are as many bytes as entries. */
function tableEntries(dataset: DicomDataset, tag: Tag, count: number, bits: number): Uint16Array | undefined {
  const raw = dataset.raw(tag);
  if (raw.length >= 2 * count) return Uint16Array.from(dataset.integers(tag).slice(0, count), (v) => v & 0xffff);
  if (bits > 8 || raw.length < count) return undefined;
  const little = dataset.encoding.littleEndian || dataset.elements.get(tag)?.vr === "OB";
  return Uint16Array.from({ length: count }, (_, i) => raw[little ? i : i ^ 1]!);
}
