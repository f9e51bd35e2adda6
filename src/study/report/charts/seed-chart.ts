import * as Plot from "@observablehq/plot";
import { draw, marginFor, shortened } from "../../../report/charts.ts";
import type { Html } from "../../../report/html.ts";
import { domainOf, plainTick } from "./scale.ts";

/** All trainings of an arm. */
export interface SeedRow {
  readonly label: string;
  readonly values: readonly number[];
  readonly mean: number;
  readonly colour: string;
}

const ROW = 22;
const WIDTH = 680;
const LETTERS = 40;

/** A dot a seed, the mean as a tick, a row an arm; `reference` is a dashed line through all rows. */
export function seedChart(rows: readonly SeedRow[], reference: number, label: string): Html {
  const labels = rows.map((row) => shortened(row.label, LETTERS));
  const dots = rows.flatMap(({ values, colour }, i) => values.map((value) => ({ label: labels[i], value, colour })));
  const means = rows.map(({ mean }, i) => ({ label: labels[i], mean }));
  return draw(
    {
      width: WIDTH,
      height: 44 + ROW * rows.length,
      marginLeft: Math.min(290, marginFor(labels)),
      marginTop: 6,
      marginBottom: 30,
      marginRight: 16,
      x: {
        domain: domainOf([...dots.map(({ value }) => value), reference]),
        nice: true,
        ticks: 6,
        tickFormat: plainTick,
        label: null,
        grid: true,
      },
      y: { domain: labels, label: null, tickSize: 0 },
      marks: [
        Plot.ruleX([reference], { stroke: "var(--ink)", strokeDasharray: "5,4" }),
        Plot.dot(dots, { y: "label", x: "value", stroke: "colour", fill: "colour", fillOpacity: 0.25, r: 4 }),
        Plot.tickX(means, {
          y: "label",
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
