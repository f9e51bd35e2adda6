import { percentFixed } from "../../../../core/percent.ts";
import type { StudyResults } from "../../../api.ts";
import type { TextKey } from "../../texts/en.ts";

/** A difference of shares in percentage points, with its sign. */
const points = (share: number): string => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(0)}`;

/** The sentence of a reader study's verdict: its text and what stands in it, in any language. */
export function verdictWords({ rows, verdict }: StudyResults): {
  readonly key: TextKey;
  readonly values: Readonly<Record<string, string | number>>;
} {
  const all = rows.find(({ reader, label }) => reader === "all" && label === "all");
  const [synthetic, real] = [all?.truePositive, all?.falsePositive];
  const { toldApart, difference } = verdict;
  if (difference === null || synthetic?.value == null || real?.value == null)
    return { key: "reader.verdict.few", values: { synthetic: synthetic?.n ?? 0, real: real?.n ?? 0 } };
  const key = toldApart !== true ? "not" : difference.low > 0 ? "told" : "reversed";
  return {
    key: `reader.verdict.${key}`,
    values: {
      synthetic: percentFixed(synthetic.value),
      real: percentFixed(real.value),
      value: points(difference.value),
      low: points(difference.low),
      high: points(difference.high),
      n: synthetic.n + real.n,
    },
  };
}
