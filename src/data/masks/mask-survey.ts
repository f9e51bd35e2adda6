import type { StoredMask } from "./stored-mask.ts";

/** How often a value is there, and how often among equal neighbours, as inside of a region. */
export interface ValueCount {
  count: number;
  flat: number;
}

/** What is counted of one mask. */
export interface MaskSurvey extends Pick<StoredMask, "kind" | "palette" | "lossy"> {
  readonly counts: ReadonlyMap<number, ValueCount>;
  /** The value that most of the border has, and its share of the border, 0 to 1. */
  readonly border: { readonly value: number; readonly share: number };
}

/** Difference of neighbours that the loss of JPEG makes within a region. */
const NOISE = 6;

/** The greatest difference of the channels of two colours, or of two greys. */
export function valueDistance(a: number, b: number, kind: StoredMask["kind"]): number {
  if (kind !== "colour") return Math.abs(a - b);
  const part = (shift: number) => Math.abs(((a >> shift) & 255) - ((b >> shift) & 255));
  return Math.max(part(16), part(8), part(0));
}

/** Counts the values of a mask. */
export function surveyMask({ width, height, kind, palette, values, lossy }: StoredMask): MaskSurvey {
  const counts = new Map<number, ValueCount>();
  const border = new Map<number, number>();
  const near = (a: number, b: number) => (lossy && kind !== "palette" ? valueDistance(a, b, kind) <= NOISE : a === b);
  let last = -1;
  let own: ValueCount | undefined;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const value = values[i]!;
      const edge = x === 0 || y === 0 || x === width - 1 || y === height - 1;
      const isFlat =
        !edge &&
        near(values[i - 1]!, value) &&
        near(values[i + 1]!, value) &&
        near(values[i - width]!, value) &&
        near(values[i + width]!, value);
      // Neighbours are equal as a rule, so that their count is at hand.
      if (value !== last || own === undefined) {
        own = counts.get(value) ?? { count: 0, flat: 0 };
        if (own.count === 0) counts.set(value, own);
        last = value;
      }
      own.count++;
      if (isFlat) own.flat++;
      if (edge) border.set(value, (border.get(value) ?? 0) + 1);
    }
  }
  const total = [...border.values()].reduce((a, b) => a + b, 0);
  const [value, most] = [...border].reduce((a, b) => (b[1] > a[1] ? b : a), [0, 0]);
  return { kind, palette, lossy, counts, border: { value, share: total === 0 ? 0 : most / total } };
}
