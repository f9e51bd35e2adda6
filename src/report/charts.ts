import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { axisOf } from "./axis.ts";
import { type Html, trusted } from "./html.ts";

/** Width of a drawing in CSS pixels on a phone, where its text is shown at its full size; three stand side by side on a desk. */
export const NARROW = 330;
/** Width of a chart whose rows have long names: two stand side by side. */
export const WIDE = 500;
/** Height of a row in CSS pixels. */
const ROW = 24;
/** Of all text in charts, in CSS pixels. */
const FONT_SIZE = 12.5;
/** Width of a letter at that size; names of wide letters must fit too. */
const LETTER = 7.6;

const { document } = parseHTML("<!doctype html><html><body></body></html>");

/** Most letters of a row's name in a chart of some width: it leaves most of the room to the marks. */
export const lettersIn = (width: number): number => Math.floor((0.42 * width) / LETTER);

/** Room left of rows with such labels, in CSS pixels. */
export const marginFor = (labels: readonly string[]): number =>
  14 + LETTER * labels.reduce((longest, label) => Math.max(longest, label.length), 0);

/** A label that ends in an ellipsis where it is too long. */
export const shortened = (label: string, most: number): string =>
  label.length > most ? `${label.slice(0, most - 1)}…` : label;

/** Names of rows: their places are told apart by number, so that two shortened names may be equal. */
export function rowsOf(labels: readonly string[], width: number) {
  const shown = labels.map((label) => shortened(label, lettersIn(width)));
  return {
    margin: marginFor(shown),
    at: (i: number) => String(i),
    scale: {
      domain: labels.map((_, i) => String(i)),
      tickFormat: (place: string) => shown[Number(place)],
      label: null,
      tickSize: 0,
    },
  };
}

/** Draws a plot as inline SVG that says in words what it shows. */
export function draw(options: Plot.PlotOptions, label: string): Html {
  const svg = Plot.plot({
    document: document as unknown as NonNullable<Plot.PlotOptions["document"]>,
    width: NARROW,
    ...options,
    style: {
      fontSize: `${FONT_SIZE}px`,
      fontFamily: "system-ui, sans-serif",
      background: "none",
      color: "currentColor",
      overflow: "visible",
    },
  });
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  for (const group of svg.querySelectorAll("[aria-label]")) group.removeAttribute("aria-label");
  return trusted(svg.outerHTML);
}

/** One row of a dot plot. */
export interface DotRow {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly floor: number | null;
}

const RIGHT = 26;

/** Value with interval as a dot on a line, the real-against-real floor as a tick; one row a class or group. */
export function dotPlot(rows: readonly DotRow[], label: string, width = NARROW): Html {
  const { margin, at, scale } = rowsOf(
    rows.map((row) => row.label),
    width,
  );
  const placed = rows.map((row, i) => ({ ...row, place: at(i) }));
  const numbers = rows.flatMap(({ low, high, floor }) => (floor === null ? [low, high] : [low, high, floor]));
  const axis = axisOf([0, ...numbers], width - margin - RIGHT);
  return draw(
    {
      width,
      height: 40 + ROW * rows.length,
      marginLeft: margin,
      marginTop: 6,
      marginBottom: 28,
      marginRight: RIGHT,
      x: { ...axis, label: null, grid: true },
      y: scale,
      marks: [
        Plot.ruleX([0], { stroke: "var(--rule-strong)" }),
        Plot.ruleY(placed, { y: "place", x1: "low", x2: "high", stroke: "var(--synthetic)", strokeWidth: 2.5 }),
        Plot.tickX(
          placed.filter((row) => row.floor !== null),
          { y: "place", x: "floor", stroke: "var(--real)", strokeWidth: 2.5, insetTop: 2, insetBottom: 2 },
        ),
        Plot.dot(placed, { y: "place", x: "value", fill: "var(--synthetic)", stroke: "var(--surface)", r: 4 }),
      ],
    },
    label,
  );
}

/** Names of the columns of {@link dotCells}. */
export const DOT_COLUMNS = ["row", "value", "low", "high", "floor"] as const;

/** The numbers of a dot plot, for its table. */
export const dotCells = (rows: readonly DotRow[]) =>
  rows.map(({ label, value, low, high, floor }) => [label, value, low, high, floor]);

/** Images of one class. */
export interface ClassCount {
  readonly label: string;
  readonly real: number;
  readonly synthetic: number;
}

/** Room right of bars for the number at their end. */
const roomFor = (numbers: readonly number[]): number =>
  12 + LETTER * Math.max(...numbers.map((n) => n.toLocaleString("en-US").length), 1);

/** Images per class as stacked bars; `withSynthetic` puts the synthetic images after the real ones. */
export function classHistogram(
  counts: readonly ClassCount[],
  withSynthetic: boolean,
  label: string,
  width = NARROW,
): Html {
  const { margin, at, scale } = rowsOf(
    counts.map((row) => row.label),
    width,
  );
  const bars = counts.flatMap(({ real, synthetic }, i) => [
    { place: at(i), n: real, kind: "real" },
    ...(withSynthetic ? [{ place: at(i), n: synthetic, kind: "synthetic" }] : []),
  ]);
  const ends = counts.map(({ real, synthetic }, i) => ({
    place: at(i),
    n: withSynthetic ? real + synthetic : real,
  }));
  const most = Math.max(1, ...counts.map(({ real, synthetic }) => real + synthetic));
  const right = Math.max(RIGHT, roomFor([most]));
  return draw(
    {
      width,
      height: 34 + ROW * counts.length,
      marginLeft: margin,
      marginTop: 6,
      marginBottom: 28,
      marginRight: right,
      x: { ...axisOf([0, most], width - margin - right), label: null, grid: true },
      y: scale,
      color: { domain: ["real", "synthetic"], range: ["var(--real)", "var(--synthetic)"] },
      marks: [
        Plot.barX(bars, { y: "place", x: "n", fill: "kind", insetTop: 2, insetBottom: 2 }),
        Plot.text(ends, { y: "place", x: "n", text: "n", textAnchor: "start", dx: 4, fill: "currentColor" }),
      ],
    },
    label,
  );
}

/** Images of one group in each set; null where the synthetic set does not state the attribute. */
export interface GroupCount {
  readonly label: string;
  readonly real: number;
  readonly synthetic: number | null;
}

/** Share of each set's images that belongs to each group, real above synthetic; in per cent of the images with a group. */
export function shareHistogram(counts: readonly GroupCount[], label: string, width = NARROW): Html {
  const { margin, at, scale } = rowsOf(
    counts.map((row) => row.label),
    width,
  );
  const total = (kind: "real" | "synthetic") =>
    Math.max(
      1,
      counts.reduce((sum, row) => sum + (row[kind] ?? 0), 0),
    );
  const totals = { real: total("real"), synthetic: total("synthetic") };
  const bars = counts.flatMap((row, i) =>
    (["real", "synthetic"] as const).flatMap((kind) => {
      const n = row[kind];
      return n === null ? [] : [{ place: at(i), share: (100 * n) / totals[kind], n, kind }];
    }),
  );
  const both = bars.some(({ kind }) => kind === "synthetic");
  const right = Math.max(RIGHT, roomFor(bars.map(({ n }) => n)));
  const axis = axisOf([0, Math.max(...bars.map(({ share }) => share), 1)], width - margin - right, { unit: " %" });
  const { tickFormat, ...places } = scale;
  return draw(
    {
      width,
      height: 34 + (both ? 1.7 * ROW : ROW) * counts.length,
      marginLeft: margin,
      marginTop: 6,
      marginBottom: 28,
      marginRight: right,
      fy: { ...places, padding: 0.15 },
      y: { domain: both ? ["real", "synthetic"] : ["real"], axis: null, padding: 0.05 },
      x: { ...axis, label: null, grid: true },
      color: { domain: ["real", "synthetic"], range: ["var(--real)", "var(--synthetic)"] },
      marks: [
        Plot.axisFy({ anchor: "left", tickSize: 0, label: null, tickFormat }),
        Plot.barX(bars, { fy: "place", y: "kind", x: "share", fill: "kind" }),
        Plot.text(bars, {
          fy: "place",
          y: "kind",
          x: "share",
          text: "n",
          textAnchor: "start",
          dx: 4,
          fill: "currentColor",
        }),
      ],
    },
    label,
  );
}
