import { percentSignificant } from "../../core/percent.ts";
import { type AuditKind, classOf, doubtOf, type MeasuredTest, weighedSeverity } from "../measured.ts";
import type { AuditSets } from "../open-sets.ts";
import { MIN_IN_SCOPE, type Scope } from "../scopes.ts";
import type { SpaceTest } from "../space-test.ts";
import { type AttackResult, measureAttack } from "../statistics/roc.ts";
import type { MembershipScores } from "./scores.ts";

/** AUC or true-positive rate at 1 % false positives from which on a leak counts as large (lower ends of the intervals). */
const LARGE_AUC = 0.6;
const LARGE_TPR = 0.05;
/** P value (two-sided) of the control below which the attack is not believed. */
const CONTROL_LEVEL = 0.001;

const NEEDS =
  "The synthetic set, the image in question, and other images of the same kind that were not used in training. No access to the model.";

/** Who a test is about, in words. */
function people(scope: string): string {
  if (scope === "outliers") return "people whose picture is unusual";
  const name = classOf(scope);
  return name === null ? "people" : `people with ${name}`;
}

const MEMBERSHIP: AuditKind = {
  section: "Membership inference",
  weighed: true,
  severity: weighedSeverity,
  groupOf: () => "membership",
  strength: "auc",
  words(test) {
    const tpr = test.figures["tpr@fpr=0.01"];
    const tail = tpr
      ? ` With one wrong accusation in a hundred, ${percentSignificant(tpr.value, 2)} of them are recognised.`
      : "";
    return {
      title: `Whether ${people(test.scope)} were in the training set can be guessed: right in ${percentSignificant(test.figures.auc?.value ?? 0.5, 2)} of pairs, where 50 % is chance`,
      text: `The attack sees one picture of a member and one of a non-member and says which is which.${tail} Being in the set may itself reveal a diagnosis.${doubtOf(test)}`,
    };
  },
};

const pick = (values: ArrayLike<number>, indices: ArrayLike<number>): Float64Array =>
  Float64Array.from(indices, (i) => values[i]!);

function figuresOf(attack: AttackResult | null): MeasuredTest["figures"] {
  if (attack === null) return { auc: null, "tpr@fpr=0.01": null, "tpr@fpr=0.001": null };
  return { auc: attack.auc, "tpr@fpr=0.01": attack.tpr1, "tpr@fpr=0.001": attack.tpr01 };
}

/** One attack on each scope, with members against members as its control. */
function attackTests(
  { train, holdout }: AuditSets,
  scores: MembershipScores,
  scopes: readonly Scope[],
  seed: number,
): MeasuredTest[] {
  return scopes.map((scope) => {
    const side = (values: Float64Array, groups: Int32Array, indices: Int32Array) => ({
      scores: pick(values, indices),
      groups: pick(groups, indices),
    });
    const enough = scores.comparable && Math.min(scope.train.length, scope.holdout.length) >= MIN_IN_SCOPE;
    const attack = enough
      ? measureAttack(
          side(scores.train, train.groups, scope.train),
          side(scores.holdout, holdout.groups, scope.holdout),
          seed,
        )
      : null;
    const half = (wanted: number) => scope.train.filter((i) => scores.trainHalf[i] === wanted);
    const control = enough
      ? measureAttack(side(scores.control, train.groups, half(0)), side(scores.control, train.groups, half(1)), seed)
      : null;
    const p = attack === null ? null : Math.min(1, 2 * Math.min(attack.pAuc, attack.pTail));
    return {
      kind: MEMBERSHIP,
      id: `membership.${scores.attack.name}.${scores.space}`,
      title: `${scores.attack.title}, by ${scores.space}`,
      scope: scope.name,
      n: scope.train.length + scope.holdout.length,
      figures: figuresOf(attack),
      control: control === null ? null : figuresOf(control),
      p,
      strong: attack !== null && (attack.auc.low >= LARGE_AUC || (attack.tpr1?.low ?? 0) >= LARGE_TPR),
      controlFails: control !== null && 2 * Math.min(control.pAuc, 1 - control.pAuc) < CONTROL_LEVEL,
      needs: NEEDS,
      limits: scores.attack.limits,
    };
  });
}

/** The tests of every attack. */
export const membershipTests: SpaceTest = async ({ sets, scopes, scores, seed }) =>
  scores.flatMap((attack) => attackTests(sets, attack, scopes, seed));

/** P value (two-sided) below which training and held-out images are said to differ without any synthetic image. */
const SHIFT_LEVEL = 0.001;

/** Says where the reference alone tells training from held-out images: then the sets differ, and attacks may only see that. */
export function shiftWarning({ train, holdout }: AuditSets, scores: MembershipScores, seed: number): string | null {
  if (!scores.comparable) return null;
  const found = measureAttack(
    { scores: scores.shift.train, groups: train.groups },
    { scores: scores.shift.holdout, groups: holdout.groups },
    seed,
  );
  if (found === null) return null;
  const p = 2 * Math.min(found.pAuc, 1 - found.pAuc);
  if (p >= SHIFT_LEVEL) return null;
  return `Training and held-out images differ by ${scores.space} even without the synthetic images (AUC ${found.auc.value.toFixed(2)} by the reference alone): attacks may distinguish the two sources instead of members, so those by ${scores.space} are only notices here. Split one source at random, by patient.`;
}
