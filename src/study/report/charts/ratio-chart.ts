import * as Plot from "@observablehq/plot";
import { axisOf } from "../../../report/axis.ts";
import { draw } from "../../../report/charts.ts";
import type { Html } from "../../../report/html.ts";
import { seriesColour } from "./scale.ts";

/** A metric of an arm above its place on the horizontal axis. */
export interface RatioPoint {
  /** Index of the place. */
  readonly place: number;
  /** Index of the series; decides the colour. */
  readonly series: number;
  readonly value: number;
  /** Null without interval. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** Said where the pointer rests. */
  readonly title: string;
}

/** A control that stands at some places. */
export interface ControlMark {
  readonly place: number;
  readonly value: number;
  readonly title: string;
}

export interface RatioChart {
  /** Names of the places, left to right. */
  readonly places: readonly string[];
  /** The first so many places belong to one line. */
  readonly joined: number;
  readonly points: readonly RatioPoint[];
  readonly controls: readonly ControlMark[];
  /** The metric of the real images alone. */
  readonly real: number;
}

/** Names of the columns of {@link ratioCells}. */
export const RATIO_COLUMNS = ["place", "series", "value", "low", "high"] as const;

/** The numbers of a chart, for its table: series by name, controls, and the real images. */
export const ratioCells = ({ places, points, controls, real }: RatioChart, series: readonly string[]) => [
  ["", "real images alone", real],
  ...points.map(({ place, series: own, value, interval }) => [
    places[place]!,
    series[own]!,
    value,
    interval?.low,
    interval?.high,
  ]),
  ...controls.map(({ place, title, value }) => [places[place]!, title, value]),
];

/** How far apart series stand at one place, as a share of the distance of places. */
const SERIES_WIDTH = 0.5;

/** A metric against the ratio: a line a series with intervals, real images dashed, other controls as diamonds. */
export function ratioChart({ places, joined, points, controls, real }: RatioChart, label: string, width: number): Html {
  const series = [...new Set(points.map((point) => point.series))].sort((a, b) => a - b);
  const step = SERIES_WIDTH / Math.max(2, series.length + 1);
  const xOf = ({ place, series: own }: { readonly place: number; readonly series: number }) =>
    place + (series.indexOf(own) - (series.length - 1) / 2) * step;
  const placed = points.map((point) => ({ ...point, x: xOf(point), colour: seriesColour(point.series) }));
  const spans = placed.flatMap(({ interval, ...point }) => (interval === null ? [] : [{ ...point, ...interval }]));
  const values = [
    real,
    ...points.map(({ value }) => value),
    ...controls.map(({ value }) => value),
    ...spans.flatMap(({ low, high }) => [low, high]),
  ];
  return draw(
    {
      width,
      height: 300,
      marginLeft: 56,
      marginRight: 16,
      marginBottom: 30,
      marginTop: 12,
      x: {
        domain: [-0.5, places.length - 0.5],
        ticks: places.map((_, i) => i),
        tickFormat: (i: number) => places[i],
        tickSize: 0,
        label: null,
      },
      y: { ...axisOf(values, 10_000, { most: 5 }), label: null, grid: true },
      marks: [
        Plot.ruleY([real], { stroke: "var(--ink)", strokeDasharray: "5,4" }),
        Plot.dot(controls, {
          x: "place",
          y: "value",
          symbol: "diamond",
          r: 6,
          stroke: "var(--muted)",
          strokeWidth: 2,
          title: "title",
        }),
        Plot.line(
          placed.filter(({ place }) => place < joined),
          { x: "x", y: "value", z: "series", stroke: "colour", strokeOpacity: 0.7, strokeWidth: 1.5 },
        ),
        Plot.ruleX(spans, { x: "x", y1: "low", y2: "high", stroke: "colour", strokeWidth: 2 }),
        Plot.dot(placed, { x: "x", y: "value", fill: "colour", stroke: "var(--surface)", r: 4.5, title: "title" }),
      ],
    },
    label,
  );
}
