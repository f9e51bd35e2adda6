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
        ? "A generator was trained for every seed, so that intervals hold how generators of this recipe differ, but not another recipe."
        : "One generator stands for all seeds: intervals do not hold how another training of it would differ (“perSeed” trains one for each).";
  return [
    generator,
    "Intervals hold the seed of the classifier and the choice of test patients. They do not hold another choice of the training images: the same study on other patients of the same hospital may come out otherwise.",
    testSets.some(({ distribution }) => distribution === "out")
      ? "A test set out of distribution stands for itself, not for any other hospital or device."
      : "All test images come from where the training images come from; nothing here speaks of another hospital or device.",
    "“Not shown” does not mean that there is no effect; the smallest difference that would mostly be shown stands in “What could have been missed”.",
    `Verdicts are corrected over the arms of a test set (Holm), by one metric. Each test set is a question of its own, and an interval (${coverage(alpha)}) stands for one arm alone: it may leave out 0 where the verdict is “not shown”.`,
    "Other metrics, single classes and figures by eye have no verdict: among many of them some differ by chance.",
    seeds.length < 10
      ? `With ${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"} the spread between trainings is known roughly only.`
      : null,
    arms.some(({ synthetic }) => synthetic !== null)
      ? "A gain says nothing of privacy: whether synthetic images may be shared is what ganglion audit asks."
      : null,
  ].filter((sentence) => sentence !== null);
}

/** What comparable studies found, to hold a result against. */
export const FOUND_BEFORE = [
  "Bissoto, Valle and Avila 2021 (arXiv 2104.10603), 27 arms of skin lesions: gains out of distribution only, by the way images were picked.",
  "Ghorbani et al. 2019 (DermGAN, PMLR 116:155-170), rare skin conditions: F1 of melanoma from 0.148 to 0.282 with overlapping intervals.",
  "Tuberculosis on chest X-rays (PMLR 318:954): as many duplicates of real images did better than synthetic ones.",
] as const;
