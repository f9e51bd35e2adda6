import { parseTone, TONE_NAMES } from "../../data/index.ts";
import type { AttributeKind } from "./attribute-columns.ts";

/** Cells that say nothing. */
const UNSTATED = /^(|-1|na|n\/a|nan|null|none|unknown|not[ _]stated|\?)$/i;

/** Age bands: from how many years on, name. */
const AGE_BANDS: readonly (readonly [number, string])[] = [
  [0, "under 20"],
  [20, "20 to 39"],
  [40, "40 to 59"],
  [60, "60 to 79"],
  [80, "80 and over"],
];

/** More distinct numbers than this are made into quarters. */
const MAX_NUMBERS = 8;

function ageBand(text: string): string | null {
  // DICOM writes 034Y, 006M, 012W, 003D.
  const found = /^(\d{1,3}(?:\.\d+)?)\s*([ymwd]?)$/i.exec(text);
  if (found === null) return text.toLowerCase();
  const years = /^y?$/i.test(found[2]!) ? Number(found[1]) : 0;
  return AGE_BANDS.findLast(([from]) => years >= from)?.[1] ?? null;
}

function sexName(text: string): string {
  if (/^(f|female|w|woman)$/i.test(text)) return "female";
  if (/^(m|male|man)$/i.test(text)) return "male";
  return text.toLowerCase();
}

function toneName(text: string): string | null {
  const tone = parseTone(text);
  return tone === null ? null : TONE_NAMES[tone - 1]!;
}

/** How the cells of one attribute are read. */
export interface CellReader {
  /** Name of the group that a cell puts its image in; null where it says nothing. */
  read(cell: string): string | null;
  /** Names of groups in their natural order; empty where they have none. */
  readonly order: readonly string[];
}

/** Quarters of some numbers, by which any number is placed; fewer where numbers repeat. */
function quarters(values: readonly number[]): CellReader {
  const sorted = Float64Array.from(values).sort();
  const edges = [...new Set([0.25, 0.5, 0.75].map((q) => sorted[Math.floor(q * (sorted.length - 1))]))];
  const order = edges.map((edge, i) => (i === 0 ? `up to ${edge}` : `over ${edges[i - 1]} to ${edge}`));
  order.push(`over ${edges[edges.length - 1]}`);
  return {
    order,
    read(cell) {
      const value = Number(cell);
      if (!Number.isFinite(value)) return null;
      const at = edges.findIndex((edge) => value <= edge!);
      return order[at < 0 ? edges.length : at]!;
    },
  };
}

const READERS: Readonly<Record<Exclude<AttributeKind, "other">, CellReader>> = {
  sex: { read: sexName, order: [] },
  age: { read: ageBand, order: AGE_BANDS.map(([, name]) => name) },
  site: { read: (text) => text.toLowerCase(), order: [] },
  tone: { read: toneName, order: TONE_NAMES },
};

function readerOf(kind: AttributeKind, cells: readonly string[]): CellReader {
  if (kind !== "other") return READERS[kind];
  const numbers = cells.map(Number);
  const distinct = [...new Set(numbers)];
  if (!distinct.every(Number.isFinite)) return { read: (text) => text, order: [] };
  if (distinct.length > MAX_NUMBERS) return quarters(numbers);
  return { read: (text) => text, order: distinct.sort((a, b) => a - b).map(String) };
}

/**
 * How the cells of an attribute are read: sexes by their common spellings, ages in bands of 20 years, tones as Fitzpatrick
 * types, sites in lower case; other columns of more than {@link MAX_NUMBERS} different numbers by the quarters of the real
 * images, else as they are. Cells that say nothing have no group.
 * @param cells The real images' cells.
 */
export function cellReader(kind: AttributeKind, cells: readonly string[]): CellReader {
  const stated = cells.map((cell) => cell.trim()).filter((text) => !UNSTATED.test(text));
  const { read, order } = readerOf(kind, stated);
  return {
    order,
    read(cell) {
      const text = cell.trim();
      return UNSTATED.test(text) ? null : read(text);
    },
  };
}

/** Groups in their natural order, then the others by name. */
export function sortGroups(names: Iterable<string>, order: readonly string[]): string[] {
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...names].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
