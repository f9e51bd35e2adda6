import * as Plot from "@observablehq/plot";
import { axisOf } from "../../../report/axis.ts";
import { draw, rowsOf } from "../../../report/charts.ts";
import type { Html } from "../../../report/html.ts";

/** All trainings of an arm. */
export interface SeedRow {
  readonly label: string;
  readonly values: readonly number[];
  readonly mean: number;
  readonly colour: string;
}

/** Width of the chart in CSS pixels where there is room. */
export const SEED_WIDTH = 680;
const ROW = 24;
const RIGHT = 28;

/** A dot a seed, the mean as a tick, a row an arm; `reference` is a dashed line through all rows. */
export function seedChart(rows: readonly SeedRow[], reference: number, label: string, width: number): Html {
  const { margin, at, scale } = rowsOf(
    rows.map((row) => row.label),
    width,
  );
  const dots = rows.flatMap(({ values, colour }, i) => values.map((value) => ({ place: at(i), value, colour })));
  const means = rows.map(({ mean }, i) => ({ place: at(i), mean }));
  const values = [...dots.map(({ value }) => value), reference];
  return draw(
    {
      width,
      height: 44 + ROW * rows.length,
      marginLeft: margin,
      marginTop: 6,
      marginBottom: 30,
      marginRight: RIGHT,
      x: { ...axisOf(values, width - margin - RIGHT, { most: 6 }), label: null, grid: true },
      y: scale,
      marks: [
        Plot.ruleX([reference], { stroke: "var(--ink)", strokeDasharray: "5,4" }),
        Plot.dot(dots, { y: "place", x: "value", stroke: "colour", fill: "colour", fillOpacity: 0.25, r: 4 }),
        Plot.tickX(means, {
          y: "place",
          x: "mean",
          stroke: "var(--ink)",
          strokeWidth: 2.5,
          insetTop: 3,
          insetBottom: 3,
        }),
      ],
    },
    label,
  );
}
