import { percentUpTo } from "../../core/percent.ts";
import { type Arm, ratioOf } from "../arms.ts";
import { parseOutcomeMetric } from "../statistics/outcome-metric.ts";

/** A metric as people write it: `auc:melanoma` => `AUC of melanoma`. */
export function metricWords(name: string): string {
  const { ofClass } = parseOutcomeMetric(name);
  const of = ofClass === null ? "" : ` of ${ofClass}`;
  if (name.startsWith("sensitivity@")) {
    return `sensitivity for ${ofClass} at specificity ${name.slice("sensitivity@".length, name.indexOf(":"))}`;
  }
  const plain: Record<string, string> = { balancedAccuracy: "balanced accuracy", ece: "calibration error" };
  if (name in plain) return plain[name]!;
  return `${name.startsWith("auc") ? "AUC" : "F1"}${of}`;
}

/** 1 where a greater metric is better, -1 where a smaller one is. */
export const metricSign = (name: string): 1 | -1 => (parseOutcomeMetric(name).better === "higher" ? 1 : -1);

/** A figure with its decimals, and a true minus sign; a dash for what is not known. */
export function fixed(value: number | null, decimals = 3): string {
  if (value === null || !Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** The same with a plus sign where it is above 0. */
export function signed(value: number | null, decimals = 3): string {
  const text = fixed(value, decimals);
  return value !== null && Number(text) > 0 ? `+${text}` : text;
}

/** A p-value with two digits, from below 0.001 on only that. */
export const pWords = (p: number): string => (p < 0.001 ? "below 0.001" : p.toPrecision(2));

/** 0.05 => `95 %`: what an interval at that level covers. */
export const coverage = (alpha: number): string => percentUpTo(1 - alpha, 2);

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}

/** `1 arm`, `2 arms`. */
export const counted = (n: number, word: string): string => `${n.toLocaleString("en-US")} ${word}${n === 1 ? "" : "s"}`;

export const distributionWords = (distribution: "in" | "out"): string =>
  distribution === "in" ? "in distribution" : "out of distribution";

/** What kind of training an arm is, for colours and for reading. */
export type ArmKind = "real" | "control" | "added" | "only" | "filled";

export function armKind({ name, synthetic, copies }: Arm): ArmKind {
  if (synthetic === null) return name === "real" ? "real" : "control";
  if (copies === 0) return "only";
  return synthetic.amount.kind === "fill" ? "filled" : "added";
}

/** How many images an arm without real ones has. */
export const onlyWords = (arm: Arm): string =>
  ratioOf(arm) === 1 ? "as many as there are real ones" : `${ratioOf(arm)} for each real one that is left out`;

/** What one does who follows an arm, as an instruction without full stop. */
export function instruction(arm: Arm): string {
  const { synthetic, copies, share } = arm;
  if (synthetic === null) return `Train as in the arm ${arm.name}`;
  const { generator, sampler, amount } = synthetic;
  const from = `generator ${generator}, sampler ${sampler}`;
  if (copies === 0) return `Train only on synthetic images, ${onlyWords(arm)} (${from})`;
  switch (amount.kind) {
    case "balance":
      return `Balance the classes with synthetic images (${from})`;
    case "fill":
      return `Fill up ${percentUpTo(share, 2)} of the real patients with synthetic images (${from})`;
    case "ratio": {
      const classes = { "as is": "", balanced: ", to the smallest classes first", minority: ", to the rare classes" };
      const images = amount.ratio === 1 ? "one synthetic image" : `${amount.ratio} synthetic images`;
      return `Add ${images} for each real one${classes[amount.classes]} (${from})`;
    }
  }
}
