import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { type Html, trusted } from "./html.ts";

/** Width of a chart in CSS pixels: fits a phone, three stand side by side on a desk. */
const WIDTH = 340;
/** Width of a chart whose rows have long names: two stand side by side. */
const WIDE = 520;
const ROW = 22;

const { document } = parseHTML("<!doctype html><html><body></body></html>");

/** Most letters of a row's name, and of one in a wide chart. */
const LETTERS = 20;
const WIDE_LETTERS = 34;

/** Room left of rows with such labels, in CSS pixels. */
export const marginFor = (labels: readonly string[]): number =>
  16 + 6.6 * labels.reduce((longest, label) => Math.max(longest, label.length), 0);

/** A label that ends in an ellipsis where it is too long. */
export const shortened = (label: string, most = LETTERS): string =>
  label.length > most ? `${label.slice(0, most - 1)}…` : label;

/** Draws a plot as inline SVG that says in words what it shows. */
export function draw(options: Plot.PlotOptions, label: string): Html {
  const svg = Plot.plot({
    document: document as unknown as NonNullable<Plot.PlotOptions["document"]>,
    width: WIDTH,
    ...options,
    style: { fontSize: "11px", fontFamily: "inherit", background: "none", color: "inherit", overflow: "visible" },
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

export interface DotPlotOptions {
  /** Room for long names of rows. Defaults to false. */
  readonly wide?: boolean;
}

/** Value with interval as a dot on a line, the real-against-real floor as a tick; one row a class or group. */
export function dotPlot(rows: readonly DotRow[], label: string, { wide = false }: DotPlotOptions = {}): Html {
  const labels = rows.map((row) => shortened(row.label, wide ? WIDE_LETTERS : LETTERS));
  const placed = rows.map((row, i) => ({ ...row, label: labels[i] }));
  const numbers = rows.flatMap(({ low, high, floor }) => (floor === null ? [low, high] : [low, high, floor]));
  const domain = [Math.min(0, ...numbers), Math.max(...numbers, 1e-12)];
  return draw(
    {
      width: wide ? WIDE : WIDTH,
      height: 40 + ROW * rows.length,
      marginLeft: marginFor(labels),
      marginTop: 6,
      marginBottom: 28,
      marginRight: 14,
      x: { domain, nice: true, ticks: 4, label: null, grid: true },
      y: { domain: labels, label: null, tickSize: 0 },
      marks: [
        Plot.ruleX([0], { stroke: "var(--rule-strong)" }),
        Plot.ruleY(placed, { y: "label", x1: "low", x2: "high", stroke: "var(--synthetic)", strokeWidth: 2.5 }),
        Plot.tickX(
          placed.filter((row) => row.floor !== null),
          { y: "label", x: "floor", stroke: "var(--real)", strokeWidth: 2.5, insetTop: 2, insetBottom: 2 },
        ),
        Plot.dot(placed, { y: "label", x: "value", fill: "var(--synthetic)", stroke: "var(--surface)", r: 4 }),
      ],
    },
    label,
  );
}

/** Images of one class. */
export interface ClassCount {
  readonly label: string;
  readonly real: number;
  readonly synthetic: number;
}

/** Images per class as stacked bars; `withSynthetic` puts the synthetic images after the real ones. */
export function classHistogram(counts: readonly ClassCount[], withSynthetic: boolean, label: string): Html {
  const labels = counts.map((row) => shortened(row.label));
  const bars = counts.flatMap(({ real, synthetic }, i) => [
    { label: labels[i], n: real, kind: "real" },
    ...(withSynthetic ? [{ label: labels[i], n: synthetic, kind: "synthetic" }] : []),
  ]);
  const ends = counts.map(({ real, synthetic }, i) => ({
    label: labels[i],
    n: withSynthetic ? real + synthetic : real,
  }));
  const most = Math.max(1, ...counts.map(({ real, synthetic }) => real + synthetic));
  return draw(
    {
      height: 34 + ROW * counts.length,
      marginLeft: marginFor(labels),
      marginTop: 6,
      marginBottom: 28,
      marginRight: 40,
      x: {
        domain: [0, most],
        ticks: 4,
        label: null,
        grid: true,
        tickFormat: (n: number) => (n >= 1000 ? `${n / 1000}k` : `${n}`),
      },
      y: { domain: labels, label: null, tickSize: 0 },
      color: { domain: ["real", "synthetic"], range: ["var(--real)", "var(--synthetic)"] },
      marks: [
        Plot.barX(bars, { y: "label", x: "n", fill: "kind", insetTop: 2, insetBottom: 2 }),
        Plot.text(ends, { y: "label", x: "n", text: "n", textAnchor: "start", dx: 4, fill: "currentColor" }),
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
export function shareHistogram(counts: readonly GroupCount[], label: string): Html {
  const labels = counts.map((row) => shortened(row.label));
  const total = (kind: "real" | "synthetic") =>
    Math.max(
      1,
      counts.reduce((sum, row) => sum + (row[kind] ?? 0), 0),
    );
  const totals = { real: total("real"), synthetic: total("synthetic") };
  const bars = counts.flatMap((row, i) =>
    (["real", "synthetic"] as const).flatMap((kind) => {
      const n = row[kind];
      return n === null ? [] : [{ label: labels[i], share: (100 * n) / totals[kind], n, kind }];
    }),
  );
  const both = bars.some(({ kind }) => kind === "synthetic");
  return draw(
    {
      height: 34 + (both ? 1.6 * ROW : ROW) * counts.length,
      marginLeft: marginFor(labels),
      marginTop: 6,
      marginBottom: 28,
      marginRight: 40,
      fy: { domain: labels, label: null, padding: 0.15 },
      y: { domain: both ? ["real", "synthetic"] : ["real"], axis: null, padding: 0.05 },
      x: {
        domain: [0, Math.max(...bars.map(({ share }) => share), 1)],
        ticks: 4,
        label: null,
        grid: true,
        tickFormat: (v: number) => `${v} %`,
      },
      color: { domain: ["real", "synthetic"], range: ["var(--real)", "var(--synthetic)"] },
      marks: [
        Plot.axisFy({ anchor: "left", tickSize: 0, label: null }),
        Plot.barX(bars, { fy: "label", y: "kind", x: "share", fill: "kind" }),
        Plot.text(bars, {
          fy: "label",
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
