import * as Plot from "@observablehq/plot";
import { axisOf } from "../../../report/axis.ts";
import { draw, lettersIn, marginFor, shortened } from "../../../report/charts.ts";
import type { Html } from "../../../report/html.ts";

/** One arm with its differences to each control. */
export interface ForestRow {
  readonly label: string;
  readonly colour: string;
  /** In the order of the controls. */
  readonly differences: readonly {
    readonly value: number;
    readonly interval: { readonly low: number; readonly high: number } | null;
    readonly title: string;
  }[];
}

/** Width of the chart in CSS pixels where there is room. */
export const FOREST_WIDTH = 680;
/** Height of a difference and the room between arms, in pixels. */
const [LINE, GAP] = [12, 10];
const RIGHT = 30;

/** Differences with intervals around 0: a filled dot to the first control, hollow ones to the others. */
export function forestChart(rows: readonly ForestRow[], label: string, width: number): Html {
  let height = 0;
  const names: { label: string; y: number }[] = [];
  const marks = rows.flatMap(({ label: name, colour, differences }) => {
    const top = height;
    const lines = Math.max(1, differences.length);
    height += lines * LINE + GAP;
    names.push({ label: shortened(name, lettersIn(width)), y: top + (lines * LINE + GAP) / 2 });
    return differences.map(({ value, interval, title }, k) => ({
      y: top + GAP / 2 + (k + 0.5) * LINE,
      value,
      low: interval?.low ?? value,
      high: interval?.high ?? value,
      title,
      stroke: colour,
      fill: k === 0 ? colour : "var(--surface)",
    }));
  });
  const margin = marginFor(names.map((name) => name.label));
  const values = [0, ...marks.flatMap(({ low, high }) => [low, high])];
  return draw(
    {
      width,
      height: height + 40,
      marginLeft: margin,
      marginTop: 8,
      marginBottom: 30,
      marginRight: RIGHT,
      x: { ...axisOf(values, width - margin - RIGHT, { most: 6, signed: true }), label: null, grid: true },
      y: { domain: [0, height], range: [8, height + 8], axis: null },
      marks: [
        Plot.ruleX([0], { stroke: "var(--ink)", strokeDasharray: "5,4" }),
        Plot.text(names, {
          y: "y",
          text: "label",
          frameAnchor: "left",
          textAnchor: "end",
          dx: -8,
          fill: "currentColor",
        }),
        Plot.link(marks, { x1: "low", x2: "high", y1: "y", y2: "y", stroke: "stroke", strokeWidth: 2 }),
        Plot.dot(marks, {
          x: "value",
          y: "y",
          stroke: "stroke",
          fill: "fill",
          strokeWidth: 1.5,
          r: 3.8,
          title: "title",
        }),
      ],
    },
    label,
  );
}
