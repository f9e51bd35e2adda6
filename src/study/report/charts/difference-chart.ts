import * as Plot from "@observablehq/plot";
import { draw, marginFor, shortened } from "../../../report/charts.ts";
import type { Html } from "../../../report/html.ts";
import { domainOf, signedTick } from "./scale.ts";

/** A difference with its interval, a row. */
export interface DifferenceRow {
  readonly label: string;
  readonly value: number;
  readonly interval: { readonly low: number; readonly high: number } | null;
}

const ROW = 24;
const WIDTH = 340;

/** Differences as dots with intervals around 0; one row each. */
export function differenceChart(rows: readonly DifferenceRow[], label: string): Html {
  const placed = rows.map((row) => ({ ...row, label: shortened(row.label) }));
  const spans = placed.flatMap(({ label: own, interval }) => (interval === null ? [] : [{ label: own, ...interval }]));
  const labels = placed.map((row) => row.label);
  const numbers = [0, ...rows.map(({ value }) => value), ...spans.flatMap(({ low, high }) => [low, high])];
  return draw(
    {
      width: WIDTH,
      height: 40 + ROW * rows.length,
      marginLeft: marginFor(labels),
      marginTop: 6,
      marginBottom: 28,
      marginRight: 20,
      x: { domain: domainOf(numbers), nice: true, ticks: 3, tickFormat: signedTick, label: null, grid: true },
      y: { domain: labels, label: null, tickSize: 0 },
      marks: [
        Plot.ruleX([0], { stroke: "var(--ink)", strokeDasharray: "5,4" }),
        Plot.ruleY(spans, { y: "label", x1: "low", x2: "high", stroke: "var(--synthetic)", strokeWidth: 2.5 }),
        Plot.dot(placed, { y: "label", x: "value", fill: "var(--synthetic)", stroke: "var(--surface)", r: 4.5 }),
      ],
    },
    label,
  );
}
