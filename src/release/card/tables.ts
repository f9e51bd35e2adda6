import type { AuditFile, AuditTest } from "../../audit/audit-file.ts";
import { METRICS, type MetricName, metricRegistry } from "../../evaluate/index.ts";
import type { MetricsFile } from "../../evaluate/metrics-file.ts";

interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A number with three digits that count. */
export const short = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));

/** A value with its interval (a count has none), or a dash where there were too few images. */
const spanned = (found: Interval | null | undefined): string =>
  found === null || found === undefined
    ? "-"
    : found.low === found.high
      ? short(found.value)
      : `${short(found.value)} (${short(found.low)} to ${short(found.high)})`;

/** Text that is safe in a cell of a Markdown table. */
export const cell = (text: string): string =>
  text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|").replaceAll("<", "&lt;");

/** A Markdown table. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(header), `|${header.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

/** Figures of `ganglion evaluate`: overall with interval and floor, then by class. */
export function qualityTables({ features, protocol }: MetricsFile): string {
  const direction = (name: MetricName) =>
    ({ lower: "lower is better", higher: "higher is better", parity: "0.5 is best" })[
      protocol.metrics[name]?.direction ?? "lower"
    ];
  return Object.entries(features)
    .map(([extractor, { overall, perClass }]) => {
      const named = METRICS.filter((name) => (overall[name] ?? null) !== null);
      const rows = named.map((name) => {
        const floor = overall[name]?.floor;
        const shown = floor === null || floor === undefined ? "-" : short(floor);
        return [metricRegistry[name].title, spanned(overall[name]), shown, direction(name)];
      });
      const classes = Object.entries(perClass);
      const byClass = classes.map(([label, scope]) => [label, ...named.map((name) => spanned(scope[name]))]);
      return [
        `Features: \`${extractor}\`. ${protocol.extractors[extractor]?.description ?? ""}`.trim(),
        table(["metric", "value (95 % interval)", "real against real", ""], rows),
        ...(classes.length < 2 || named.length === 0
          ? []
          : [table(["class", ...named.map((name) => metricRegistry[name].title)], byClass)]),
      ].join("\n\n");
    })
    .join("\n\n");
}

const figuresText = (figures: AuditTest["figures"] | null): string =>
  figures === null
    ? "-"
    : Object.entries(figures)
        .map(([name, found]) => `${name} ${spanned(found)}`)
        .join("; ");

/** Tests that were made, or could not be made of images that took part; what had no images to begin with is left out. */
const shownTests = ({ tests }: AuditFile): AuditTest[] => tests.filter(({ severity, n }) => severity !== null || n > 0);

/** What the audit measured, test by test. Its findings are not quoted: their words may name training images. */
export function auditTable(audit: AuditFile): string {
  const rows = shownTests(audit).map(({ id, scope, n, figures, control, severity }) => [
    `\`${id}\``,
    scope,
    String(n),
    figuresText(figures),
    figuresText(control),
    severity ?? "not made",
  ]);
  return table(["test", "of", "images", "measured (95 % interval)", "same on members alone", "severity"], rows);
}

/** What each kind of test needs and cannot find, one line a title. */
export function testLimits(audit: AuditFile): string {
  const lines = new Map<string, string>();
  for (const { title, needs, limits } of shownTests(audit)) {
    if (!lines.has(title))
      lines.set(title, `- **${cell(title)}**: what it takes: ${cell(needs)} Limits: ${cell(limits)}`);
  }
  return [...lines.values()].join("\n");
}
