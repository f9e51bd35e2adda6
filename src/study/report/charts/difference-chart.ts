import * as Plot from "@observablehq/plot";
import { axisOf } from "../../../report/axis.ts";
import { draw, rowsOf } from "../../../report/charts.ts";
import type { Html } from "../../../report/html.ts";

/** A difference with its interval, a row. */
export interface DifferenceRow {
  readonly label: string;
  readonly value: number;
  readonly interval: { readonly low: number; readonly high: number } | null;
}

/** Names of the columns of {@link differenceCells}. */
export const DIFFERENCE_COLUMNS = ["row", "difference", "low", "high"] as const;

/** The numbers of a chart, for its table. */
export const differenceCells = (rows: readonly DifferenceRow[]) =>
  rows.map(({ label, value, interval }) => [label, value, interval?.low, interval?.high]);

const ROW = 24;
const RIGHT = 26;

/** Differences as dots with intervals around 0; one row each. */
export function differenceChart(rows: readonly DifferenceRow[], label: string, width: number): Html {
  const { margin, at, scale } = rowsOf(
    rows.map((row) => row.label),
    width,
  );
  const placed = rows.map((row, i) => ({ ...row, place: at(i) }));
  const spans = placed.flatMap(({ place, interval }) => (interval === null ? [] : [{ place, ...interval }]));
  const numbers = [0, ...rows.map(({ value }) => value), ...spans.flatMap(({ low, high }) => [low, high])];
  return draw(
    {
      width,
      height: 40 + ROW * rows.length,
      marginLeft: margin,
      marginTop: 6,
      marginBottom: 28,
      marginRight: RIGHT,
      x: { ...axisOf(numbers, width - margin - RIGHT, { signed: true }), label: null, grid: true },
      y: scale,
      marks: [
        Plot.ruleX([0], { stroke: "var(--ink)", strokeDasharray: "5,4" }),
        Plot.ruleY(spans, { y: "place", x1: "low", x2: "high", stroke: "var(--synthetic)", strokeWidth: 2.5 }),
        Plot.dot(placed, { y: "place", x: "value", fill: "var(--synthetic)", stroke: "var(--surface)", r: 4.5 }),
      ],
    },
    label,
  );
}
