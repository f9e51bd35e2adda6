import { describe, expect, test } from "vitest";
import { leastGain } from "./evidence.ts";
import { recommendation } from "./recommendation.ts";
import { type DrawnStudy, drawnOutcome } from "./testing/study-outcome.ts";

const AUC_ONLY = { metrics: ["auc"] };
const advise = (study: DrawnStudy) =>
  recommendation(drawnOutcome({ ...study, config: { ...AUC_ONLY, ...study.config } }));
const isAdded = (arm: string) => arm.includes("r3gan") && !arm.startsWith("only");

describe("a recommendation", () => {
  test("names the arm that helps, by how much, on which test set, and what its being picked means", () => {
    const found = advise({ skill: (arm) => (arm.startsWith("balanced") ? 1.8 : arm.startsWith("only") ? 0.2 : 1) });
    expect(found).toMatchObject({ answer: "use", arm: "balanced by r3gan random" });
    expect(found.sentence).toMatch(
      /^Balance the classes with synthetic images \(generator r3gan, sampler random\): on inside \(in distribution\) it helps \(AUC 0\.\d{3}: \+0\.\d{3} against real \(95 % interval \+0\.\d{3} to \+0\.\d{3}\) and \+0\.\d{3} against oversampled /,
    );
    expect(found.further.join(" ")).toMatch(/best of 3 arms .* find less; no other is shown to help\./);
    expect(found.further.join(" ")).toMatch(
      /Shown to hurt: only r3gan random \(−0\.\d{3} on inside, −0\.\d{3} on outside\)\./,
    );
  });

  test("says that it is not to be relied on elsewhere where it helps in and hurts out of distribution", () => {
    const found = advise({ skill: (arm, set) => (isAdded(arm) ? (set === "inside" ? 1.8 : 0.2) : 1) });
    expect(found.answer).toBe("mixed");
    expect(found.sentence).toMatch(
      /^Do not rely on synthetic images for patients from elsewhere: they help in distribution and hurt out of it: with .* on inside \(in distribution\) it helps .* on outside \(out of distribution\) it hurts /,
    );
  });

  test("says that they are for elsewhere only where they help out of distribution and hurt in it", () => {
    const found = advise({ skill: (arm, set) => (isAdded(arm) ? (set === "inside" ? 0.2 : 1.8) : 1) });
    expect(found.sentence).toMatch(/^Use synthetic images only for patients from elsewhere/);
  });

  test("says plainly that they are not to be used where they hurt, by an arm that has real images too", () => {
    const skill = (arm: string) => (arm.startsWith("only") ? 0.05 : arm.includes("r3gan") ? 0.2 : 1);
    const found = advise({ skill });
    expect(found.answer).toBe("do not use");
    expect(isAdded(found.arm!)).toBe(true);
    expect(found.sentence).toMatch(
      /^Do not use synthetic images: none of 3 arms with them is shown to help on any of 2 test sets, and all are shown to hurt, of those added to real ones most of all (real \+|balanced by)/,
    );
  });

  test("says that nothing is shown where only synthetic images alone differ", () => {
    const found = advise({ skill: (arm) => (arm.startsWith("only") ? 0.2 : 1) });
    expect(found.answer).toBe("not shown");
    expect(found.sentence).toMatch(
      /^Not shown that synthetic images help: none of 2 arms with them is better than all of its controls on any of 2 test sets; nearest to it comes /,
    );
    expect(found.further.join(" ")).toMatch(/Shown to hurt: only r3gan random/);
    expect(found.further.at(-1)).toMatch(
      /^A study of this size shows a true difference of 0\.\d{3} to 0\.\d{3} on inside/,
    );
  });

  test("says it where repeats of real images do as well", () => {
    const found = advise({
      skill: (arm) => (arm === "real" ? 0.6 : arm === "oversampled" ? 1.6 : isAdded(arm) ? 1.6 : 0.6),
    });
    const further = found.further.join(" ");
    expect(further).toMatch(
      /Taken alone, the interval of 1 arm lies above the real images but not above the same number of repeats of them/,
    );
    expect(further).toMatch(/Without synthetic images, oversampled helps: on /);
  });

  test("counts as gain what an arm gains on the control it gains least on", () => {
    const of = (metric: string) => {
      const [judgement] = drawnOutcome({
        patients: 20,
        config: { seeds: [0], metrics: [metric], primary: metric },
      }).judgements;
      const comparisons = [0.1, -0.05].map((value) => ({ ...judgement!.comparisons[0]!, value }));
      return leastGain({ ...judgement!, comparisons });
    };
    expect(of("auc")).toBe(-0.05);
    expect(of("ece")).toBe(-0.1);
  });

  test("turns round for a metric of which less is better", () => {
    const higher = advise({ skill: (arm) => (isAdded(arm) ? 0.2 : 1.5), config: { metrics: ["ece"], primary: "ece" } });
    expect(higher.answer).toBe("do not use");
    expect(higher.further.join(" ")).toMatch(/Also shown to hurt: [^(]*\(−0\.\d{3} on /);
    expect(higher.sentence).toMatch(/calibration error 0\.\d{3}: \+0\.\d{3} against real/);
  });

  test("is of reduced arms where no arm has all real images and synthetic ones", () => {
    const arms = { reduced: { generators: ["r3gan"], shares: [0.25] } };
    const found = advise({ skill: (arm) => (arm.includes("filled") ? 1.8 : 1), config: { arms } });
    expect(found.sentence).toMatch(/^Fill up 25 % of the real patients with synthetic images/);
  });

  test("speaks of other arms where none has synthetic images", () => {
    const config = { arms: { strongAugmentation: true }, generators: {} };
    const found = advise({ skill: (arm) => (arm.startsWith("strong") ? 2 : 1), config });
    expect(found.sentence).toMatch(
      /^This study has no arm with synthetic images: of its other arms strong augmentation gains most: /,
    );
  });
});
