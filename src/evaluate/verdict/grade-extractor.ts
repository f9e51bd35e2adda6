import type { Learned } from "../../features/extractor.ts";
import { deviation, mean } from "../../math/mean.ts";
import { percent } from "../../report/format.ts";
import { aboveChance, type Skill, skillOf } from "./chance.ts";
import { degradationWords, type Step, WITHOUT_CONTENT } from "./degrade.ts";
import { classGrade, type Missing, rank, worse } from "./grade.ts";
import { HALVES } from "./kinds.ts";
import { MIN_IMAGES, meanDistances } from "./likeness.ts";
import { blurAsFar, classPlaces, gradeOf, placeOf, type Ruler, rulerOf, shareOf } from "./placing.ts";
import type { Rung, Sight } from "./self-test.ts";
import type { LikenessBlock, SelfTest } from "./verdict-schema.ts";

/** Share of the draws in which a rung must be seen: one that is seen by chance is not. */
const MIN_POWER = 0.9;

type RungBlock = SelfTest["ladder"][number];

/**
 * What an extractor must see to have a say: images without content, shuffled patches and the two stronger blurs. All of them
 * must be told from real images and none may be graded `close` or better.
 */
function mustSee(step: Step, ladder: readonly Step[]): boolean {
  if ((WITHOUT_CONTENT as readonly string[]).includes(step.degradation)) return true;
  if (step.degradation === "shuffled patches") return true;
  if (step.degradation !== "blur") return false;
  return step.strength > Math.min(...ladder.flatMap((other) => (other.degradation === "blur" ? [other.strength] : [])));
}

const skillReason = ({ balancedAccuracy, low, high, chance, n }: Skill): string =>
  `its classifier is hardly better than chance: it is right for ${percent(balancedAccuracy)} of ${n} held-out images (mean over classes, 95 % interval ${percent(low)} to ${percent(high)}), where chance is ${percent(chance)}`;

function unfitReason(
  learned: Learned | undefined,
  skill: Skill | null,
  { n, yardstick }: Sight,
  ladder: readonly RungBlock[],
  ruler: Ruler | null,
): string | null {
  if (learned !== undefined && skill === null)
    return "there are no held-out images of two classes to test its classifier";
  if (skill !== null && !aboveChance(skill)) return skillReason(skill);
  if (yardstick === null) return `${n} images per side can be compared fairly, ${MIN_IMAGES} are needed`;
  if (ruler !== null && ruler.noise.energy === 0)
    return "it gives images without content the same features as real images";
  const missed = ladder.filter((rung) => mustSee(rung, ladder) && !(rung.detected && rank(rung.grade) < rank("close")));
  return missed.length === 0
    ? null
    : `on ${n} images per side it does not distinguish real images from ${missed.map(degradationWords).join(", ")}`;
}

/** Why a set cannot be spoilt in this way. */
const SKIPPED: Readonly<Partial<Record<Step["degradation"], string>>> = {
  "one class missing": "there is one class only",
  "half of the modes missing": "the real images are all of one kind",
  "half of the thumbnails missing": "small copies of the real images are all of one kind",
  "swapped classes": "fewer than two classes have enough images on each side",
};

function rungBlock({ degradation, strength, draws }: Rung, ruler: Ruler): RungBlock[] {
  if (draws === null || degradation in HALVES) return [];
  const place = placeOf(draws, ruler);
  const power = Math.max(place.told, place.lostTold);
  return [
    {
      degradation,
      strength,
      share: finite(place.share),
      grade: gradeOf(place),
      detected: power >= MIN_POWER,
      power,
    },
  ];
}

/** Share of the draws beyond the threshold. */
const toldIn = (values: readonly number[], threshold: number): number =>
  mean(values.map((value) => (value > threshold ? 1 : 0)));

/** How a set stands in every view; views without a half to compare with are left out. */
function missingIn({ kinds }: Pick<Sight, "kinds">): Record<string, Missing> {
  return Object.fromEntries(
    kinds.flatMap(({ view, threshold, synthetic, missing }) => {
      const half = missing[view];
      if (half === null) return [];
      const halfDeviation = half.length > 1 ? deviation(half) : 0;
      const told = toldIn(synthetic, threshold);
      return [[view, { value: mean(synthetic), threshold, half: mean(half), halfDeviation, told }]];
    }),
  );
}

/** Half of the kinds missing: told where any view tells them. */
function halfRungs({ kinds, ladder }: Sight, ruler: Ruler): RungBlock[] {
  return Object.entries(HALVES).flatMap(([degradation, by]) => {
    const seen = kinds.flatMap(({ threshold, missing }) => {
      const values = missing[by];
      return values === null ? [] : [values.map((value) => value > threshold)];
    });
    if (seen.length === 0) return [];
    const power = mean(seen[0]!.map((_, d) => (seen.some((told) => told[d]) ? 1 : 0)));
    const draws = ladder.find((rung) => rung.degradation === degradation)?.draws ?? null;
    const place = draws === null ? null : placeOf(draws, ruler);
    const detected = power >= MIN_POWER;
    return [
      {
        degradation: degradation as keyof typeof HALVES,
        strength: 0.5,
        share: place === null ? null : finite(place.share),
        grade: worse(place === null ? "indistinguishable" : gradeOf(place), detected ? "partial" : "indistinguishable"),
        detected,
        power,
      },
    ];
  });
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function swappedRung({ classes }: Sight, ruler: Ruler): RungBlock[] {
  const swapped = classes.flatMap((found) => (found.swapped === null ? [] : [{ ...found, swapped: found.swapped }]));
  if (swapped.length < 2) return [];
  const power = Math.max(...swapped.map(({ swappedPower }) => swappedPower!));
  const share = mean(swapped.map((found) => shareOf(found.swapped, found.control, ruler)));
  const detected = power >= MIN_POWER;
  const grade = classGrade([{ told: detected, swapped: 1 }]);
  return [{ degradation: "swapped classes", strength: 1, share: finite(share), grade, detected, power }];
}

function likenessBlock(sight: Sight, ruler: Ruler, classes: readonly string[]): LikenessBlock {
  const { n, from, synthetic, moments, ladder, yardstick } = sight;
  if (synthetic === null || moments === null || yardstick === null) return null;
  const found = meanDistances(synthetic);
  const { floor, threshold, noise } = ruler;
  const place = placeOf(synthetic, ruler);
  const beside = (name: keyof typeof found) => ({ value: found[name], floor: floor[name] });
  const places = classPlaces(sight.classes, found.energy - Math.max(0, floor.energy), ruler);
  const blur = blurAsFar(place.share, ladder, ruler);
  return {
    n,
    draws: synthetic.length,
    control: from,
    energy: { ...beside("energy"), threshold: threshold.energy, noise: noise.energy },
    share: finite(place.share),
    told: place.told,
    blur: blur === null ? null : finite(blur),
    fid: { value: moments.fid, floor: yardstick.moments.fid, noise: noise.fid },
    kid: { value: moments.kid, floor: yardstick.moments.kid, deviation: yardstick.deviation },
    oneNearestNeighbour: { ...beside("oneNearestNeighbour"), noise: noise.oneNearestNeighbour },
    coverage: beside("coverage"),
    modes: { ...beside("modes"), told: place.lostTold },
    missing: missingIn(sight),
    classes: Object.fromEntries(
      places.map(({ index, share, ...own }) => [classes[index]!, { ...own, share: finite(share) }]),
    ),
  };
}

/** What one extractor says, for `metrics.json`. @param classes names by index */
export function gradeExtractor(
  sight: Sight,
  learned: Learned | undefined,
  classes: readonly string[],
): { likeness: LikenessBlock; selfTest: SelfTest } {
  const skill = learned === undefined ? null : skillOf(learned.recalls);
  const ruler = sight.yardstick === null ? null : rulerOf(sight);
  const ladder =
    ruler === null
      ? []
      : [
          ...sight.ladder.flatMap((rung) => rungBlock(rung, ruler)),
          ...halfRungs(sight, ruler),
          ...swappedRung(sight, ruler),
        ];
  const climbed = new Set(ladder.map(({ degradation }) => degradation));
  const skipped = Object.entries(SKIPPED).flatMap(([degradation, reason]) =>
    ruler === null || climbed.has(degradation as Step["degradation"])
      ? []
      : [{ degradation: degradation as Step["degradation"], reason }],
  );
  const reason = unfitReason(learned, skill, sight, ladder, ruler);
  return {
    likeness: ruler === null ? null : likenessBlock(sight, ruler, classes),
    selfTest: { fit: reason === null, reason, skill, ladder, skipped },
  };
}
