import { type Html, html } from "../../report/html.ts";
import type { Estimates } from "../metrics-file.ts";
import { type MetricName, metricRegistry } from "../quality/registry.ts";

/** Metrics of a table that have a value somewhere, and those that have none. */
export function shownMetrics(
  metrics: readonly MetricName[],
  scopes: readonly Estimates[],
): { readonly shown: readonly MetricName[]; readonly missing: readonly MetricName[] } {
  const has = (metric: MetricName) => scopes.some((scope) => scope[metric] !== null);
  return { shown: metrics.filter(has), missing: metrics.filter((metric) => !has(metric)) };
}

/** Names the metrics that a table leaves out, with the reason; nothing where there are none. */
export function leftOutLine(missing: readonly MetricName[]): Html | null {
  if (missing.length === 0) return null;
  const named = missing.map((metric) => {
    const { title, leastImages } = metricRegistry[metric];
    return `${title} (from ${leastImages} images per side on)`;
  });
  return html`<p class="muted">Left out, because they have no value here: ${named.join(", ")}.</p>`;
}
