import type { StudyOutcome } from "./study-outcome.ts";
import { coverage } from "./words.ts";

/** What the figures of a study do not hold, a sentence each. */
export function limitsOf({ config, testSets, arms }: StudyOutcome): string[] {
  const trained = Object.values(config.generators).filter(({ from }) => from === "train");
  const perSeed = trained.length > 0 && trained.every((generator) => generator.from === "train" && generator.perSeed);
  const { alpha, seeds } = config;
  const generator =
    Object.keys(config.generators).length === 0
      ? null
      : perSeed && trained.length === Object.keys(config.generators).length
        ? "A generator was trained for every seed, so the intervals cover differences between generators of this recipe, but not another recipe."
        : "One generator is used for all seeds: the intervals do not cover another training of it (“perSeed” trains one for each).";
  return [
    generator,
    "Intervals cover the seed of the classifier and the choice of test patients. They do not cover another choice of the training images: the same study on other patients of the same hospital may give another result.",
    testSets.some(({ distribution }) => distribution === "out")
      ? "A test set out of distribution represents only itself, not any other hospital or device."
      : "All test images come from the same source as the training images; the results say nothing about another hospital or device.",
    "“Not shown” does not mean that there is no effect; the smallest difference that would mostly be shown is given in “What could have been missed”.",
    `Verdicts are corrected over the arms of a test set (Holm), by one metric. Each test set is a separate question, and an interval (${coverage(alpha)}) is for one arm alone: it may exclude 0 where the verdict is “not shown”.`,
    "Other metrics, single classes and plots have no verdict: among many of them some differ by chance.",
    seeds.length < 10
      ? `With ${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"} the spread between trainings is known only roughly.`
      : null,
    arms.some(({ synthetic }) => synthetic !== null)
      ? "A gain says nothing about privacy: use ganglion audit to test whether synthetic images may be shared."
      : null,
  ].filter((sentence) => sentence !== null);
}

/** What comparable studies found, to hold a result against. */
export const FOUND_BEFORE = [
  "Bissoto, Valle and Avila 2021 (arXiv 2104.10603), 27 arms of skin lesions: gains only out of distribution, depending on how images were selected.",
  "Ghorbani et al. 2019 (DermGAN, PMLR 116:155-170), rare skin conditions: F1 of melanoma from 0.148 to 0.282 with overlapping intervals.",
  "Tuberculosis on chest X-rays (PMLR 318:954): the same number of duplicates of real images did better than synthetic ones.",
] as const;
