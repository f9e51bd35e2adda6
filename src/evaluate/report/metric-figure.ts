import { DOT_COLUMNS, type DotRow, dotCells, dotPlot } from "../../report/charts.ts";
import type { Figures } from "../../report/figures.ts";
import { number } from "../../report/format.ts";
import type { Html } from "../../report/html.ts";
import { type MetricName, metricRegistry } from "../quality/registry.ts";

/** What to look for in a metric, in the few words that fit above a chart. */
const SHORT_DIRECTIONS = {
  lower: "lower is better",
  higher: "higher is better",
  parity: "closer to the floor is better",
} as const;

/** One metric of an extractor as a dot plot, a row a class or a set; null without rows. */
export function metricFigure(
  figures: Figures,
  extractor: string,
  metric: MetricName,
  rows: readonly DotRow[],
): Html | null {
  if (rows.length === 0) return null;
  const { title, direction } = metricRegistry[metric];
  const words = rows.map(({ label, value }) => `${label} ${number(value)}`).join(", ");
  return figures.show({
    name: `${metric} ${extractor}`,
    title,
    note: SHORT_DIRECTIONS[direction],
    draw: (width) => dotPlot(rows, `${title}: ${words}`, width),
    columns: DOT_COLUMNS,
    rows: dotCells(rows),
  });
}
