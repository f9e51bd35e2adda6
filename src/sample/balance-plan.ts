import { GanglionError, type Problem, throwIfProblems } from "../core/errors.ts";
import { listed, quoted } from "../core/quoted.ts";
import { trainingSamples } from "../data/splits.ts";
import type { Dataset } from "../data/types.ts";
import { parseCounts } from "./class-counts.ts";

/** What is to become of one class. */
export interface ClassPlan {
  readonly name: string;
  /** Real images that are trained on. */
  readonly real: number;
  /** Real and synthetic images that are aimed at. */
  readonly wanted: number;
  /** Synthetic images to add. */
  readonly synthetic: number;
  /** Synthetic to real; null where there is no real image and a synthetic one. */
  readonly ratio: number | null;
  /** True where the greatest ratio allowed left fewer than wanted. */
  readonly capped: boolean;
}

export interface BalancePlan {
  /** By class name. */
  readonly classes: readonly ClassPlan[];
  readonly real: number;
  readonly synthetic: number;
  /** Real images of other splits, which are copied and not counted. */
  readonly heldOut: number;
  /** Largest to smallest class among the images trained on, before and after; null where a class is empty. */
  readonly imbalance: { readonly before: number | null; readonly after: number | null };
  /** What to say aloud. */
  readonly notes: readonly string[];
}

export interface BalancePlanOptions {
  /** `equal` (the count of the largest class) or `a=N,b=N` (these classes only). Defaults to `equal`. */
  readonly to?: string | undefined;
  /** Greatest number of synthetic images for each real one of a class. Defaults to no limit. */
  readonly maxRatio?: number | undefined;
}

/**
 * Plans how many synthetic images each class gets. Nothing is ever taken away.
 * @param classes Classes of the generator
 * @throws GanglionError `usage` for a target that cannot be read, `run` when the generator lacks a class of the dataset
 */
export function balancePlan(
  dataset: Dataset,
  classes: readonly string[],
  options: BalancePlanOptions = {},
): BalancePlan {
  const { to = "equal", maxRatio = Number.POSITIVE_INFINITY } = options;
  if (!(maxRatio >= 0)) throw new GanglionError("usage", `--max-ratio ${maxRatio}: a number, 0 or more, is needed`);
  const train = trainingSamples(dataset);
  const real = new Map<string, number>(dataset.classes.map((name) => [name, 0]));
  for (const i of train) real.set(dataset.samples[i]!.label, (real.get(dataset.samples[i]!.label) ?? 0) + 1);
  const missing: Problem[] = [...real.keys()]
    .filter((name) => !classes.includes(name))
    .map((name) => ({
      code: "unknown-class",
      path: `class ${quoted(name)}`,
      message: `the dataset has it, the generator does not; its classes are ${listed(classes)}`,
    }));
  throwIfProblems(
    "run",
    "the generator was not trained on the classes of this dataset; train on this dataset, or name its label column with --label",
    missing,
  );
  const largest = Math.max(...real.values());
  let target: Map<string, number>;
  if (to === "equal") target = new Map([...real.keys()].map((name) => [name, largest]));
  else if (!to.includes("=")) {
    throw new GanglionError("usage", `--to ${to}: the target is equal or CLASS=NUMBER,…, e.g. --to melanoma=500`);
  } else target = parseCounts("--to", to, classes);
  const notes: string[] = [];
  const names = [...real.keys(), ...[...target.keys()].filter((name) => !real.has(name))];
  const plans = names.map((name): ClassPlan => {
    const has = real.get(name) ?? 0;
    const wanted = target.get(name) ?? has;
    const lacking = Math.max(0, wanted - has);
    const allowed = Number.isFinite(maxRatio) ? Math.floor(maxRatio * has + 1e-9) : lacking;
    const synthetic = Math.min(lacking, allowed);
    if (wanted < has) notes.push(`${name} has ${has} real images, more than the ${wanted} wanted; none is removed`);
    if (synthetic < lacking) {
      notes.push(
        `--max-ratio ${maxRatio} leaves ${name} at ${has + synthetic} of ${wanted}: ${synthetic} synthetic for ${has} real`,
      );
    }
    const ratio = has > 0 ? synthetic / has : synthetic > 0 ? null : 0;
    return { name, real: has, wanted, synthetic, ratio, capped: synthetic < lacking };
  });
  const heldOut = dataset.samples.length - train.length;
  notes.push(
    heldOut > 0
      ? `only the ${train.length} training images are balanced; synthetic images get split train, and ${heldOut} images of other splits are copied unchanged`
      : "the dataset has no split: hold real images out before a classifier is trained on the result, and test on real images only",
  );
  const ratioOf = (counts: number[]) => (Math.min(...counts) > 0 ? Math.max(...counts) / Math.min(...counts) : null);
  return {
    classes: plans,
    real: train.length,
    synthetic: plans.reduce((sum, plan) => sum + plan.synthetic, 0),
    heldOut,
    imbalance: {
      before: ratioOf(plans.map((plan) => plan.real)),
      after: ratioOf(plans.map((plan) => plan.real + plan.synthetic)),
    },
    notes,
  };
}

/** What a person reads of a plan. */
export function planText(plan: BalancePlan): string {
  const rows = plan.classes.map(({ name, real, wanted, synthetic, ratio, capped }) => [
    name,
    String(real),
    String(wanted),
    String(synthetic),
    ratio === null ? "all synthetic" : `${ratio.toFixed(2)} : 1`,
    capped ? "capped" : "",
  ]);
  rows.push(["total", String(plan.real), "", String(plan.synthetic), "", ""]);
  const table = [["class", "real", "wanted", "to add", "synthetic : real", ""], ...rows];
  const widths = table[0]!.map((_, c) => Math.max(...table.map((row) => row[c]!.length)));
  const lines = table.map((row) =>
    row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
      .join("  ")
      .trimEnd(),
  );
  const shown = (value: number | null) => (value === null ? "a class is empty" : `${value.toFixed(1)} : 1`);
  lines.push(`imbalance ${shown(plan.imbalance.before)}, then ${shown(plan.imbalance.after)} (largest to smallest)`);
  return lines.join("\n");
}
