import { number } from "./format.ts";

/** A horizontal or vertical axis whose labels do not overlap. */
export interface Axis {
  readonly domain: [number, number];
  readonly ticks: readonly number[];
  tickFormat(value: number): string;
}

export interface AxisOptions {
  /** Intervals between ticks at most. Defaults to 4. */
  readonly most?: number;
  /** A plus sign before positive values. Defaults to false. */
  readonly signed?: boolean;
  /** What follows each value, as ` %`. Defaults to nothing. */
  readonly unit?: string;
}

/** Width of a digit and least gap between two labels, in CSS pixels, at the font size of charts. */
const [DIGIT, GAP] = [7.2, 10];

const STEPS = [1, 2, 5] as const;

/** The least of 1, 2, 5 times a power of ten that divides a span into at most `most` parts. */
function roundStep(span: number, most: number): number {
  const power = 10 ** Math.floor(Math.log10(span / most));
  return [...STEPS, 10].map((step) => step * power).find((step) => span / step <= most + 1e-9)!;
}

/** Values as multiples of the step, with as many decimals as it needs. */
function formatOf(step: number, { signed = false, unit = "" }: AxisOptions): (value: number) => string {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return (value) => {
    const size = Math.abs(value) < step / 1e6 ? 0 : value;
    const plain = decimals <= 4 && Math.abs(size) < 1e6;
    const text = plain
      ? size.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
      : number(size);
    return `${signed && size > 0 ? "+" : ""}${text.replace("-", "−")}${unit}`;
  };
}

/**
 * Axis with round ends around some values: as many ticks as their labels leave room for.
 * @param values What must lie on the axis; only finite ones count.
 * @param length Of the axis in CSS pixels.
 */
export function axisOf(values: readonly number[], length: number, options: AxisOptions = {}): Axis {
  const known = values.filter(Number.isFinite);
  let [low, high] = known.length === 0 ? [0, 1] : [Math.min(...known), Math.max(...known)];
  if (high - low < 1e-12) [low, high] = low === 0 ? [0, 1] : [Math.min(0, low), Math.max(0, high)];
  for (let most = options.most ?? 4; ; most--) {
    const step = roundStep(high - low, most);
    const [from, to] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
    const ticks = Array.from({ length: to - from + 1 }, (_, i) => (from + i) * step);
    const tickFormat = formatOf(step, options);
    const widest = Math.max(...ticks.map((value) => tickFormat(value).length * DIGIT)) + GAP;
    if (most > 1 && widest * (ticks.length - 1) > length) continue;
    return { domain: [from * step, to * step], ticks, tickFormat };
  }
}
