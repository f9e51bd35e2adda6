import * as Plot from "@observablehq/plot";
import { draw } from "../../../report/charts.ts";
import type { Html } from "../../../report/html.ts";
import { domainOf, signedTick } from "./scale.ts";

/** An arm in a plane; its number stands beside the dot. */
export interface ArmPoint {
  readonly number: number;
  readonly x: number;
  readonly y: number;
  readonly colour: string;
  /** Said where the pointer rests. */
  readonly title: string;
}

export interface ScatterOptions {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xTick?: (value: number) => string;
  /** The line at x = 0. Defaults to true. */
  readonly xRule?: boolean;
}

/** Where a label may stand beside its dot, in pixels, in order of preference. */
const PLACES = [
  [9, 0],
  [-9, 0],
  [0, -10],
  [0, 11],
  [10, -9],
  [-10, 9],
  [10, 9],
  [-10, -9],
] as const;
const [WIDTH, HEIGHT] = [520, 420];
const FRAME = { left: 56, right: 22, top: 14, bottom: 42 };
/** Half the width and half the height of a label in pixels. */
const LABEL = [8, 6] as const;

/** Arms as numbered dots, with lines where nothing changes. */
export function armScatter(points: readonly ArmPoint[], label: string, options: ScatterOptions): Html {
  const { xLabel, yLabel, xTick = signedTick, xRule = true } = options;
  const [xDomain, yDomain] = [domainOf([...points.map(({ x }) => x), 0]), domainOf([...points.map(({ y }) => y), 0])];
  return draw(
    {
      width: WIDTH,
      height: HEIGHT,
      marginLeft: FRAME.left,
      marginRight: FRAME.right,
      marginTop: FRAME.top,
      marginBottom: FRAME.bottom,
      x: { domain: xDomain, ticks: 5, tickFormat: xTick, label: xLabel, labelArrow: "none", labelAnchor: "center" },
      y: { domain: yDomain, ticks: 5, tickFormat: signedTick, label: yLabel, labelArrow: "none", labelAnchor: "top" },
      marks: [
        ...(xRule ? [Plot.ruleX([0], { stroke: "var(--rule-strong)" })] : []),
        Plot.ruleY([0], { stroke: "var(--rule-strong)" }),
        Plot.dot(points, { x: "x", y: "y", fill: "colour", stroke: "var(--surface)", r: 4.5, title: "title" }),
        ...labelMarks(points, xDomain, yDomain),
      ],
    },
    label,
  );
}

/** Numbers beside their dots, each at the first place where it covers neither a dot nor another number. */
function labelMarks(points: readonly ArmPoint[], xDomain: readonly number[], yDomain: readonly number[]) {
  const pixels = points.map(({ x, y }) => [
    FRAME.left + ((x - xDomain[0]!) / (xDomain[1]! - xDomain[0]!)) * (WIDTH - FRAME.left - FRAME.right),
    FRAME.top + ((yDomain[1]! - y) / (yDomain[1]! - yDomain[0]!)) * (HEIGHT - FRAME.top - FRAME.bottom),
  ]);
  const taken: (readonly [number, number])[] = [];
  return points.flatMap((point, i) => {
    const clash = ([dx, dy]: readonly [number, number]) => {
      const [x, y] = [pixels[i]![0]! + dx, pixels[i]![1]! + dy];
      const onDot = pixels.filter(
        ([px, py], j) => j !== i && Math.abs(px! - x) < LABEL[0] + 4 && Math.abs(py! - y) < LABEL[1] + 4,
      );
      const onLabel = taken.filter(([tx, ty]) => Math.abs(tx - x) < 2 * LABEL[0] && Math.abs(ty - y) < 2 * LABEL[1]);
      return onDot.length + 2 * onLabel.length;
    };
    const [dx, dy] = PLACES.reduce((best, place) => (clash(place) < clash(best) ? place : best));
    // A number that none could read is left out; the pointer still names the arm.
    if (clash([dx, dy]) > 1) return [];
    taken.push([pixels[i]![0]! + dx, pixels[i]![1]! + dy]);
    return Plot.text([point], { x: "x", y: "y", text: "number", dx, dy, fill: "currentColor", fontSize: 10.5 });
  });
}
