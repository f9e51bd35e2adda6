import type { DicomDataset } from "./elements.ts";
import { dicomError } from "./elements.ts";
import { readTable } from "./lookup-table.ts";
import type { DicomFile } from "./parse.ts";

/** Colours of a PALETTE COLOR image (PS3.3 section C.7.6.3.1.5). */
export interface Palette {
  /** Stored value that the first colour is of. */
  readonly first: number;
  /** RGB, 8 bits: length entries * 3. */
  readonly colours: Uint8Array;
}

const DESCRIPTORS = [0x00281101, 0x00281102, 0x00281103];
const PLAIN = [0x00281201, 0x00281202, 0x00281203];
const SEGMENTED = [0x00281221, 0x00281222, 0x00281223];

/** Reads the palette of a file. @throws GanglionError `image` when it is missing, cut short or its segments are wrong */
export function readPalette({ dataset, name }: DicomFile, signed: boolean): Palette {
  const tables = DESCRIPTORS.map((descriptor, i) =>
    dataset.has(SEGMENTED[i]!)
      ? expandSegments(dataset, descriptor, SEGMENTED[i]!, signed)
      : readTable(dataset, descriptor, PLAIN[i]!, signed),
  );
  const [red] = tables;
  if (red === undefined || tables.some((table) => table?.entries.length !== red.entries.length)) {
    const message = "the colour palette is missing or cut short; restore the file from its source";
    throw dicomError(name, "palette", message);
  }
  const colours = new Uint8Array(3 * red.entries.length);
  for (const [c, table] of tables.entries()) {
    if (table === undefined) continue;
    // Entries said to have 16 bits that only fill 8 are met; they are taken as they are.
    const eight = table.bits <= 8 || table.entries.every((value) => value < 256);
    for (let i = 0; i < table.entries.length; i++) {
      colours[3 * i + c] = eight ? table.entries[i]! : table.entries[i]! >> 8;
    }
  }
  return { first: red.first!, colours };
}

/** Discrete, linear and indirect segments (PS3.3 section C.7.9.2); undefined where they do not come out right. */
function expandSegments(dataset: DicomDataset, descriptorTag: number, dataTag: number, signed: boolean) {
  const descriptor = dataset.integers(descriptorTag);
  if (descriptor.length < 3) return undefined;
  const count = descriptor[0]! & 0xffff || 65536;
  const raw = dataset.integers(dataTag).map((value) => value & 0xffff);
  const entries: number[] = [];
  const run = (from: number, segments: number, nested: boolean): boolean => {
    let at = from;
    for (let done = 0; done < segments && at + 1 < raw.length; done++) {
      const [kind, length] = [raw[at], raw[at + 1]];
      if (length === 0 || (entries.length + length! > count && kind !== 2)) return false;
      if (kind === 0) {
        if (at + 2 + length! > raw.length) return false;
        entries.push(...raw.slice(at + 2, at + 2 + length!));
        at += 2 + length!;
      } else if (kind === 1) {
        const start = entries.at(-1);
        if (start === undefined || at + 2 >= raw.length) return false;
        const end = raw[at + 2]!;
        for (let i = 1; i <= length!; i++) entries.push(Math.round(start + ((end - start) * i) / length!));
        at += 3;
      } else {
        if (kind !== 2 || nested || at + 3 >= raw.length) return false;
        if (!run((raw[at + 2]! + raw[at + 3]! * 65536) >> 1, length!, true)) return false;
        at += 4;
      }
    }
    return true;
  };
  if (!run(0, Number.POSITIVE_INFINITY, false) || entries.length !== count) return undefined;
  const first = signed ? (descriptor[1]! << 16) >> 16 : descriptor[1];
  return { first, bits: descriptor[2]! & 0xffff, entries: Uint16Array.from(entries) };
}
