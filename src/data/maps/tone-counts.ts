import type { ToneSource } from "./image-map.ts";
import { toneHistogram, toneNotes } from "./pack-maps.ts";

/** Tones of a dataset, as `inspect` shows them; plain data. */
export interface ToneCounts {
  /** Column that states tones; null where all are estimated. */
  readonly column: string | null;
  /** True where a tone at least is an estimate: by ITA outside the lesion, or by its column `tone_estimated`. */
  readonly estimated: boolean;
  /** Images of each tone, I to VI. */
  readonly overall: readonly number[];
  /** The same for each class. */
  readonly byClass: Readonly<Record<string, readonly number[]>>;
  /** What was estimated or assumed, and how; one sentence each. */
  readonly notes: readonly string[];
}

/** Counts tones by class. */
export function countTones(
  images: readonly { readonly label: string; readonly tone: number; readonly toneSource: ToneSource }[],
  classes: readonly string[],
  column: string | undefined,
): ToneCounts {
  const tonesOf = (some: typeof images) => toneHistogram(some.map(({ tone }) => tone));
  const sources = images.map(({ toneSource }) => toneSource);
  return {
    column: sources.includes("stated") || sources.includes("marked") ? (column ?? null) : null,
    estimated: sources.some((source) => source !== "stated" && source !== "assumed"),
    overall: tonesOf(images),
    byClass: Object.fromEntries(classes.map((name) => [name, tonesOf(images.filter(({ label }) => label === name))])),
    notes: toneNotes(sources),
  };
}
