import * as Plot from "@observablehq/plot";
import { axisOf } from "../../../report/axis.ts";
import { draw } from "../../../report/charts.ts";
import type { Html } from "../../../report/html.ts";

/** A ROC curve averaged over seeds at fixed shares of false alarms. */
export interface RocCurve {
  readonly name: string;
  readonly colour: string;
  /** False positive rate, mean sensitivity, and the least and greatest of any seed. */
  readonly points: readonly { readonly x: number; readonly y: number; readonly low: number; readonly high: number }[];
}

/** Curves with a band from the lowest to the highest training. */
export function rocChart(curves: readonly RocCurve[], label: string, size: number): Html {
  const axis = { ...axisOf([0, 1], size, { most: 5 }), label: null };
  return draw(
    {
      width: size,
      height: size,
      marginLeft: 44,
      marginRight: 26,
      marginTop: 10,
      marginBottom: 30,
      x: axis,
      y: { ...axis, grid: true },
      marks: [
        Plot.line(
          [
            [0, 0],
            [1, 1],
          ],
          { stroke: "var(--rule-strong)", strokeDasharray: "5,4" },
        ),
        ...curves.map(({ points, colour }) =>
          Plot.areaY(points, { x: "x", y1: "low", y2: "high", fill: colour, fillOpacity: 0.16 }),
        ),
        ...curves.map(({ points, colour }) => Plot.line(points, { x: "x", y: "y", stroke: colour, strokeWidth: 2 })),
      ],
    },
    label,
  );
}
