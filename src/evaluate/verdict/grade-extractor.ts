import type { Learned } from "../../features/extractor.ts";
import { mean } from "../../math/mean.ts";
import { percent } from "../../report/format.ts";
import { aboveChance, type Skill, skillOf } from "./chance.ts";
import { degradationWords, WITHOUT_CONTENT } from "./degrade.ts";
import { gradeOf, type Noise, rank } from "./grade.ts";
import { type Likeness, MIN_IMAGES, meanLikeness } from "./likeness.ts";
import type { Rung, Sight } from "./self-test.ts";
import type { LikenessBlock, SelfTest } from "./verdict-schema.ts";

/** Share of the draws in which a rung must be seen: one that is seen by chance is not. */
const MIN_POWER = 0.9;

/** The least distances of the rungs without content; those of none for a ladder that was not climbed. */
function noiseOf(ladder: readonly Rung[]): Noise {
  const empty = ladder.filter(({ degradation }) => WITHOUT_CONTENT.includes(degradation));
  const least = (name: keyof Noise) =>
    Math.min(...empty.map(({ draws }) => mean(draws.map((draw) => draw[name].value))));
  return { fid: least("fid"), oneNearestNeighbour: least("oneNearestNeighbour") };
}

const skillReason = ({ balancedAccuracy, low, high, chance, n }: Skill): string =>
  `its classifier is hardly better than chance: it is right for ${percent(balancedAccuracy)} of ${n} held-out images (mean over classes, 95 % interval ${percent(low)} to ${percent(high)}), where chance is ${percent(chance)}`;

function unfitReason(
  learned: Learned | undefined,
  skill: Skill | null,
  n: number,
  ladder: SelfTest["ladder"],
): string | null {
  if (learned !== undefined && skill === null)
    return "there are no held-out images of two classes to test its classifier";
  if (skill !== null && !aboveChance(skill)) return skillReason(skill);
  if (n < MIN_IMAGES) return `${n} images per side can be compared fairly, ${MIN_IMAGES} are needed`;
  const missed = ladder.filter(({ detected }) => !detected).map(degradationWords);
  return missed.length === 0
    ? null
    : `on ${n} images per side it does not distinguish real images from ${missed.join(", ")}`;
}

/** Whether an extractor's classifier is shown to have learned something; one that is no classifier need not. */
export const learnedEnough = ({ skill, reason }: SelfTest): boolean =>
  reason === null || skill === null || aboveChance(skill);

function likenessBlock({ n, from }: Sight, draws: readonly Likeness[], noise: Noise): LikenessBlock {
  const found = meanLikeness(draws);
  return {
    n,
    draws: draws.length,
    control: from,
    ...found,
    fid: { ...found.fid, noise: noise.fid },
    oneNearestNeighbour: { ...found.oneNearestNeighbour, noise: noise.oneNearestNeighbour },
  };
}

/** What one extractor says, for `metrics.json`. */
export function gradeExtractor(
  sight: Sight,
  learned: Learned | undefined,
): { likeness: LikenessBlock; selfTest: SelfTest } {
  const { n, synthetic } = sight;
  const noise = noiseOf(sight.ladder);
  const ladder = sight.ladder.map(({ degradation, strength, draws }) => {
    const seen = (grade: ReturnType<typeof gradeOf>) => rank(grade) < rank("partial");
    const grade = gradeOf(meanLikeness(draws), noise);
    const power = mean(draws.map((draw) => (seen(gradeOf(draw, noise)) ? 1 : 0)));
    return { degradation, strength, grade, detected: seen(grade) && power >= MIN_POWER, power };
  });
  const skill = learned === undefined ? null : skillOf(learned.recalls);
  const reason = unfitReason(learned, skill, n, ladder);
  return {
    likeness: synthetic === null ? null : likenessBlock(sight, synthetic, noise),
    selfTest: { fit: reason === null, reason, skill, ladder },
  };
}
