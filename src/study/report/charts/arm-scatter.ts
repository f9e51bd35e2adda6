import * as Plot from "@observablehq/plot";
import { axisOf } from "../../../report/axis.ts";
import { draw } from "../../../report/charts.ts";
import type { Html } from "../../../report/html.ts";

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
  /** In CSS pixels; the height follows it. */
  readonly width: number;
}

/** Where a label may stand beside its dot, in pixels, in order of preference. */
const PLACES = [
  [14, 0],
  [-14, 0],
  [0, -13],
  [0, 13],
  [13, -9],
  [-13, 9],
  [13, 9],
  [-13, -9],
] as const;
const FRAME = { left: 62, right: 26, top: 14, bottom: 30 };
/** Half the width and half the height of a label in pixels. */
const LABEL = [9, 7] as const;

/** Arms as numbered dots, with lines where nothing changes. */
export function armScatter(points: readonly ArmPoint[], label: string, options: ScatterOptions): Html {
  const { width } = options;
  const height = Math.round(0.8 * width);
  // What an arm costs is never below 0 and has no sign.
  const signed = points.some(({ x }) => x < 0);
  const across = axisOf([0, ...points.map(({ x }) => x)], width - FRAME.left - FRAME.right, { signed });
  const up = axisOf([0, ...points.map(({ y }) => y)], 10 * height, { most: 5, signed: true });
  return draw(
    {
      width,
      height,
      marginLeft: FRAME.left,
      marginRight: FRAME.right,
      marginTop: FRAME.top,
      marginBottom: FRAME.bottom,
      x: { ...across, label: null },
      y: { ...up, label: null },
      marks: [
        Plot.ruleX([0], { stroke: "var(--rule-strong)" }),
        Plot.ruleY([0], { stroke: "var(--rule-strong)" }),
        Plot.dot(points, { x: "x", y: "y", fill: "colour", stroke: "var(--surface)", r: 4.5, title: "title" }),
        ...labelMarks(points, across.domain, up.domain, [width, height]),
      ],
    },
    label,
  );
}

/** Numbers beside their dots, each at the first place where it covers neither a dot nor another number. */
function labelMarks(
  points: readonly ArmPoint[],
  xDomain: readonly number[],
  yDomain: readonly number[],
  [width, height]: readonly [number, number],
) {
  const pixels = points.map(({ x, y }) => [
    FRAME.left + ((x - xDomain[0]!) / (xDomain[1]! - xDomain[0]!)) * (width - FRAME.left - FRAME.right),
    FRAME.top + ((yDomain[1]! - y) / (yDomain[1]! - yDomain[0]!)) * (height - FRAME.top - FRAME.bottom),
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
    return Plot.text([point], { x: "x", y: "y", text: "number", dx, dy, fill: "currentColor" });
  });
}
