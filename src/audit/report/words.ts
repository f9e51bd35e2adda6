import { count, number } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import type { AuditTest } from "../audit-file.ts";
import { classOf } from "../measured.ts";

/** Words and colour of a severity. */
const SEVERITIES = {
  critical: ["Critical", "bad"],
  warning: ["Warning", "warning"],
  notice: ["Notice", "notice"],
  none: ["Nothing found", "good"],
} as const;

/** Colour of what a severity is about. */
export const toneOf = (value: keyof typeof SEVERITIES) => SEVERITIES[value][1];

export function severityBadge(value: AuditTest["severity"]): Html {
  if (value === null) return html`<span class="badge">Not made</span>`;
  const [words, tone] = SEVERITIES[value];
  return html`<span class="badge ${tone}">${words}</span>`;
}

/** Which training images a test is about. */
export function scopeWords(scope: string): string {
  if (scope === "all") return "all images";
  if (scope === "outliers") return "outliers";
  const name = classOf(scope);
  return name === null ? scope : `class ${name}`;
}

/** A figure with its interval, where it has one. */
export const spanned = (value: NonNullable<AuditTest["figures"][string]>): Html | string =>
  value.low === value.high
    ? Number.isInteger(value.value)
      ? count(value.value)
      : number(value.value)
    : html`${number(value.value)} <span class="interval">${number(value.low)} to ${number(value.high)}</span>`;
