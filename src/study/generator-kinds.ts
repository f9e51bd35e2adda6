import type { InputKind } from "../model/input-kind.ts";
import { modelFamily } from "../model/known-families.ts";
import { type Arm, ratioOf, shareText } from "./arms.ts";
import type { StudyConfig } from "./config.ts";
import { compareGroups, type GroupComparison, type GroupQuestion } from "./statistics/compare-groups.ts";
import type { OutcomeTable } from "./statistics/outcome-table.ts";

/** What the generator of an arm draws from; null without one, and for one that is taken from a run. */
function inputKindOf({ synthetic }: Arm, { generators }: StudyConfig): InputKind | null {
  const generator = synthetic === null ? undefined : generators[synthetic.generator];
  return generator?.from === "train" ? modelFamily(generator.model, "generators").input : null;
}

/** Real and synthetic images of an arm, without generator and sampler, as in its name. */
function amountWords(arm: Arm): string {
  const { synthetic, copies, share } = arm;
  const amount = synthetic?.amount;
  if (amount === undefined) return "";
  if (copies === 0) return ratioOf(arm) === 1 ? "only synthetic" : `only ${ratioOf(arm)} synthetic`;
  switch (amount.kind) {
    case "balance":
      return "balanced";
    case "fill":
      return `${shareText(share)} filled up`;
    case "ratio":
      return `real + ${amount.ratio}${amount.classes === "as is" ? "" : ` ${amount.classes}`}`;
  }
}

/** Arms of both kinds that have the same amount and sampler: what the kinds are compared by. */
interface KindCell {
  /** Amount in words, with the sampler where several are compared at it. */
  readonly amount: string;
  /** Cells of the same amount, this one among them: one for each sampler. */
  readonly ofAmount: number;
  readonly noise: readonly Arm[];
  readonly maps: readonly Arm[];
}

/** Cells in the order of the arms; empty where a study has generators of one kind alone. */
function kindCells(arms: readonly Arm[], config: StudyConfig): KindCell[] {
  const cells = new Map<string, { amount: string; sampler: string; noise: Arm[]; maps: Arm[] }>();
  for (const arm of arms) {
    const kind = inputKindOf(arm, config);
    if (kind === null) continue;
    const amount = amountWords(arm);
    const { sampler } = arm.synthetic!;
    const key = JSON.stringify([amount, sampler]);
    const cell = cells.get(key) ?? { amount, sampler, noise: [], maps: [] };
    cells.set(key, cell);
    cell[kind].push(arm);
  }
  const shared = [...cells.values()].filter(({ noise, maps }) => noise.length > 0 && maps.length > 0);
  return shared.map(({ amount, sampler, ...sides }) => {
    const ofAmount = shared.filter((other) => other.amount === amount).length;
    return { amount: ofAmount === 1 ? amount : `${amount}, ${sampler}`, ofAmount, ...sides };
  });
}

const namesOf = (arms: readonly Arm[]): string[] => arms.map(({ name }) => name);

/** Name of the question over all cells. */
const ALL_AMOUNTS = "all amounts";

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/** The arms of one side of all cells, repeated so that each amount weighs as much: else a kind's mean would lean to other amounts. */
function evenly(cells: readonly KindCell[], kind: InputKind): string[] {
  const shares = cells.map((cell) => cell[kind].length * cell.ofAmount);
  const times = shares.reduce((all, share) => (all * share) / greatestDivisor(all, share), 1);
  return cells.flatMap((cell, i) => Array.from({ length: times / shares[i]! }, () => namesOf(cell[kind])).flat());
}

/** From maps against from noise, over all cells and in each. */
function kindQuestions(cells: readonly KindCell[]): GroupQuestion[] {
  const all = {
    name: ALL_AMOUNTS,
    arms: evenly(cells, "maps"),
    others: evenly(cells, "noise"),
  };
  const each = cells.map(({ amount, noise, maps }) => ({ name: amount, arms: namesOf(maps), others: namesOf(noise) }));
  return cells.length < 2 ? each : [all, ...each];
}

/**
 * Arms of which the mean gain is said, against the first control of each: by kind, family, sampler and amount. Those of an amount that
 * both kinds have are of the samplers that both have at it, so that its two rows differ by the kind alone.
 */
function gainQuestions(arms: readonly Arm[], config: StudyConfig): GroupQuestion[] {
  const groups = new Map<string, Arm[]>();
  const put = (name: string, arm: Arm) => groups.set(name, [...(groups.get(name) ?? []), arm]);
  const sides = arms.flatMap((arm) => {
    const kind = inputKindOf(arm, config);
    return kind === null ? [] : [{ arm, from: `from ${kind}` }];
  });
  const whole = sides.filter(({ arm }) => arm.synthetic!.amount.kind !== "fill" && arm.copies > 0);
  for (const { arm, from } of whole) put(from, arm);
  for (const { arm, from } of whole) put(`${from}, ${arm.synthetic!.generator}`, arm);
  for (const { arm, from } of whole) put(`${from}, sampler ${arm.synthetic!.sampler}`, arm);
  for (const { arm, from } of sides) {
    const { sampler } = arm.synthetic!;
    const same = sides.filter((side) => amountWords(side.arm) === amountWords(arm));
    const bySampler = same.filter((side) => side.arm.synthetic!.sampler === sampler);
    // An amount that one kind alone has is shown as it is.
    const isShared = (some: typeof sides) => new Set(some.map((side) => side.from)).size > 1;
    if (isShared(bySampler) || !isShared(same)) put(`${from}, ${amountWords(arm)}`, arm);
  }
  return [...groups].map(([name, own]) => ({
    name,
    arms: namesOf(own),
    others: own.map(({ controls }) => controls[0]!),
  }));
}

/** How generators from maps and from noise differ by the primary metric of a study. */
export interface KindComparison {
  readonly cells: readonly KindCell[];
  /** From maps minus from noise: over all cells where there are several, and in each. */
  readonly between: readonly GroupComparison[];
  /** Mean gain of groups of arms over their first controls. */
  readonly gains: readonly GroupComparison[];
}

/** Null for a study without generators of both kinds at one amount. @param table Checked. */
export function compareKinds(table: OutcomeTable, arms: readonly Arm[], config: StudyConfig): KindComparison | null {
  const cells = kindCells(arms, config);
  if (cells.length === 0) return null;
  const { primary: metric, alpha, resamples } = config;
  const compared = (questions: readonly GroupQuestion[]) =>
    compareGroups(table, { questions, metric, alpha, resamples });
  return { cells, between: compared(kindQuestions(cells)), gains: compared(gainQuestions(arms, config)) };
}
