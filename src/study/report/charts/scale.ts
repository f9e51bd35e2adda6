/** Width of a chart that stands alone in its row, in CSS pixels. */
export const WIDE = 560;

/** Colours of series, in order; style sheet `study-style.ts`. */
const SERIES_COLOURS = 6;

export const seriesColour = (k: number): string => `var(--s${k % SERIES_COLOURS})`;

/** Least and greatest value with a margin of a twentieth, so that no mark lies on the frame. */
export function domainOf(values: readonly number[]): [number, number] {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return [0, 1];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const margin = Math.max((high - low) / 20, 1e-3);
  return [low - margin, high + margin];
}

/** Axis of a figure between 0 and 1: as many decimals as steps need. */
export const plainTick = (value: number): string => String(Number(value.toFixed(4))).replace("-", "−");

/** The same with a sign. */
export const signedTick = (value: number): string => (value > 0 ? `+${plainTick(value)}` : plainTick(value));
