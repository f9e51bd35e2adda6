import { parseSampler, samplerText } from "../sample/sampler.ts";
import { type ClassPolicy, onlyRatios, type StudyConfig } from "./config.ts";
import type { ArmQuestion } from "./statistics/compare-arms.ts";

/** How many synthetic images an arm gets: for each real one by a policy, or as many as make something full. */
export type Amount =
  | { readonly kind: "ratio"; readonly ratio: number; readonly classes: ClassPolicy }
  /** Every class as large as the largest. */
  | { readonly kind: "balance" }
  /** As many of each class as the real images that the arm lacks. */
  | { readonly kind: "fill" };

/** Where synthetic images come from. */
interface SyntheticSource {
  readonly generator: string;
  /** Its full text. */
  readonly sampler: string;
  readonly amount: Amount;
}

/** What one classifier is trained on, but for its seed. */
export interface Arm {
  /** Unique in the study, for people. */
  readonly name: string;
  /** Share of the real patients that the arm, its generator included, may know. */
  readonly share: number;
  /** How often each of those real images is there: 0 none, 1.5 once and half of them again. */
  readonly copies: number;
  /** Real images of smaller classes are repeated up to the largest class. */
  readonly oversampled: boolean;
  readonly augment: "standard" | "strong";
  readonly synthetic: SyntheticSource | null;
  /** Names of the arms that it has to be better than. */
  readonly controls: readonly string[];
}

const BASE = { share: 1, copies: 1, oversampled: false, augment: "standard", synthetic: null } as const;
const REAL: Arm = { ...BASE, name: "real", controls: [] };

/** 0.25 => `1/4`, 0.3 => `0.3`. */
export const shareText = (share: number) =>
  Number.isInteger(Math.round(1e9 / share) / 1e9) ? `1/${Math.round(1 / share)}` : String(share);

/** Control with so many copies of the real images of a share. */
function repeatedReal(share: number, copies: number, control: string): Arm {
  const which = share === 1 ? "real" : shareText(share);
  return { ...BASE, name: `${which} x${Number(copies.toFixed(4))}`, share, copies, controls: [control] };
}

/** Synthetic images for each real one, with it or in its place; null for an arm that has them by another amount, or none. */
export const ratioOf = ({ synthetic }: Arm): number | null =>
  synthetic?.amount.kind === "ratio" ? synthetic.amount.ratio : null;

/**
 * All arms of a study, controls before the arms that are held against them, each once.
 *
 * | arm | held against |
 * |---|---|
 * | real images with synthetic ones by a ratio | real images; the same number of duplicates |
 * | classes balanced by synthetic images | real images; classes balanced by repeating real ones |
 * | more synthetic images alone than there are real ones | real images; real images repeated to the same number |
 * | as many synthetic images alone, or fewer; real images oversampled, duplicated, strongly augmented | real images |
 * | a share of the real images | all of them |
 * | a share, filled up by synthetic images | the share; the share repeated to the same number |
 */
export function expandArms({ arms }: StudyConfig): Arm[] {
  const found = new Map<string, Arm>([[REAL.name, REAL]]);
  const add = (arm: Arm): string => {
    if (!found.has(arm.name)) found.set(arm.name, arm);
    return arm.name;
  };
  const oversampled: Arm = { ...BASE, name: "oversampled", oversampled: true, controls: [REAL.name] };
  if (arms.strongAugmentation) {
    add({ ...BASE, name: "strong augmentation", augment: "strong", controls: [REAL.name] });
  }
  const controlsOf = (duplicate: Arm) => (arms.duplicated ? [REAL.name, add(duplicate)] : [REAL.name]);
  for (const { generators, samplers, ratios, classes, only } of arms.synthetic) {
    for (const generator of generators) {
      for (const sampler of samplers.map((text) => samplerText(parseSampler(text)))) {
        const from = `${generator} ${sampler}`;
        for (const ratio of ratios) {
          if (ratio === "balance") {
            const controls = controlsOf(oversampled);
            const synthetic = { generator, sampler, amount: { kind: "balance" } } as const;
            add({ ...BASE, name: `balanced by ${from}`, synthetic, controls });
            continue;
          }
          for (const policy of classes) {
            const controls = controlsOf(repeatedReal(1, 1 + ratio, REAL.name));
            const synthetic = { generator, sampler, amount: { kind: "ratio", ratio, classes: policy } } as const;
            const suffix = policy === "as is" ? "" : ` ${policy}`;
            add({ ...BASE, name: `real + ${ratio} ${from}${suffix}`, synthetic, controls });
          }
        }
        for (const ratio of onlyRatios(only)) {
          const synthetic = { generator, sampler, amount: { kind: "ratio", ratio, classes: "as is" } } as const;
          const name = ratio === 1 ? `only ${from}` : `only ${ratio} ${from}`;
          // More images are more steps: so many real ones have as many.
          const controls = ratio > 1 ? controlsOf(repeatedReal(1, ratio, REAL.name)) : [REAL.name];
          add({ ...BASE, name, copies: 0, synthetic, controls });
        }
      }
    }
  }
  for (const share of arms.reduced?.shares ?? []) {
    const alone = add({ ...BASE, name: `${shareText(share)} alone`, share, controls: [REAL.name] });
    const controls = [alone, add(repeatedReal(share, 2, alone))];
    // Filling up makes it 1 / share times as large: that is doubling for a half only.
    if (share !== 0.5) controls[1] = add(repeatedReal(share, 1 / share, alone));
    for (const generator of arms.reduced?.generators ?? []) {
      for (const sampler of arms.reduced?.samplers ?? []) {
        const text = samplerText(parseSampler(sampler));
        const synthetic = { generator, sampler: text, amount: { kind: "fill" } } as const;
        add({ ...BASE, name: `${shareText(share)} filled by ${generator} ${text}`, share, synthetic, controls });
      }
    }
  }
  return [...found.values()];
}

/** What is asked of the arms: each against its controls. */
export function questionsOf(arms: readonly Arm[]): ArmQuestion[] {
  return arms.filter(({ controls }) => controls.length > 0).map(({ name, controls }) => ({ arm: name, controls }));
}

/**
 * Synthetic images of each class that an amount comes to.
 * @param real Images of each class among the real ones of the arm.
 * @param all Images of each class among all real ones, not fewer.
 */
export function syntheticCounts(amount: Amount, real: readonly number[], all: readonly number[]): number[] {
  switch (amount.kind) {
    case "balance": {
      const largest = Math.max(...real);
      return real.map((count) => largest - count);
    }
    case "fill":
      return real.map((count, c) => all[c]! - count);
    case "ratio": {
      if (amount.classes === "as is") return real.map((count) => Math.round(amount.ratio * count));
      const total = Math.round(amount.ratio * real.reduce((sum, count) => sum + count, 0));
      const largest = real.indexOf(Math.max(...real));
      const allowed = real.map((_, c) => c).filter((c) => amount.classes === "balanced" || c !== largest);
      return levelled(real, allowed, total);
    }
  }
}

/** Divides a total so that the smallest of the allowed classes, real and synthetic images together, is as large as it can be. */
function levelled(real: readonly number[], allowed: readonly number[], total: number): number[] {
  const added = real.map(() => 0);
  for (let left = total; left > 0; left--) {
    let least = allowed[0]!;
    for (const c of allowed) if (real[c]! + added[c]! < real[least]! + added[least]!) least = c;
    added[least]!++;
  }
  return added;
}
