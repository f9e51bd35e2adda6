import { count, number, percent } from "../../report/format.ts";
import type { Estimates, MetricsFile } from "../metrics-file.ts";
import { distancesOf, type Grade, gradeOf, LIMITS, type Noise, rank, worse } from "./grade.ts";
import { learnedEnough } from "./grade-extractor.ts";
import type { LikenessBlock, SelfTest, Verdict } from "./verdict-schema.ts";

/** What a verdict is made from; all of it stands in `metrics.json`. */
export type Evidence = Pick<MetricsFile, "features" | "selfTest" | "protocol">;

const SENTENCES: Readonly<Record<Grade, string>> = {
  indistinguishable: "The synthetic images cannot be distinguished from real images by these tests",
  close: "The synthetic images are close to the real images, but can be distinguished from them",
  partial: "The synthetic images resemble part of the real images",
  unlike: "The synthetic images clearly differ from the real images",
  noise: "The synthetic images are as far from the real images as images without content are",
};

/** Grade that the comparison of all images allows at most: coverage against its floor, and for the best KID and recall too. */
export function mostBy({ kid, recall, coverage }: Estimates): Grade {
  if (kid === null || coverage === null) return "close";
  const ratio = coverage.value / (coverage.floor || 1);
  if (ratio < LIMITS.partial.coverage) return "unlike";
  if (ratio < LIMITS.close.coverage) return "partial";
  // KID alone is too coarse at hundreds of images: a set that lacks a tenth of the real variety passes it.
  const asVaried = [recall, coverage].every((share) => share === null || share.high >= (share.floor ?? 0));
  return asVaried && kid.low <= Math.max(0, kid.floor ?? 0) ? "indistinguishable" : "close";
}

function measured(name: string, likeness: NonNullable<LikenessBlock>): string {
  const { fid, kid, oneNearestNeighbour: nn, coverage } = distancesOf(likeness);
  const { oneNearestNeighbour: found } = likeness;
  const times = Number.isFinite(fid) ? `${number(fid)} times` : "far above";
  return `By ${name}, on ${count(likeness.n)} images per side, compared with other real images: FID is ${times} theirs; KID is ${number(kid)} standard deviations above theirs; a nearest-neighbour classifier is right for ${percent(found.value)} (for them ${percent(found.floor)})${nn < -0.1 ? ", so the synthetic images are nearer to the real ones than real images are to each other, as copies would be: look at the nearest pairs" : ""}; coverage is ${percent(coverage)} of theirs.`;
}

function help(used: readonly string[]): string {
  const radiomics = used.includes("radiomics")
    ? ""
    : "--features radiomics, which detects blur and noise without training; ";
  return `What would help: ${radiomics}more real images of each class; a --holdout of real images; an extractor trained elsewhere (--features onnx:PATH).`;
}

const noiseOf = ({ fid, oneNearestNeighbour }: NonNullable<LikenessBlock>): Noise => ({
  fid: fid.noise,
  oneNearestNeighbour: oneNearestNeighbour.noise,
});

/** Classes of the real set that the synthetic set lacks. */
const absent = ({ perClass }: MetricsFile["protocol"]): string[] =>
  Object.entries(perClass).flatMap(([name, { n }]) => (n === 0 ? [name] : []));

/**
 * The verdict, and the one place where its sentence is made: the least favourable of the measures of every extractor that
 * passed its self-test. One that did not may still find the images bad, if its classifier learned something; it never
 * praises them. Without a fit extractor and without a finding nothing can be said.
 */
export function verdictOf(evidence: Evidence): Verdict {
  const { features, selfTest, protocol } = evidence;
  const reasons: string[] = [];
  const unfit: string[] = [];
  let grade: Grade | null = null;
  let n = Number.POSITIVE_INFINITY;
  for (const [name, { overall, likeness }] of Object.entries(features)) {
    const test: SelfTest = selfTest[name]!;
    if (likeness !== null) reasons.push(measured(name, likeness));
    if (!test.fit) unfit.push(`${name}: ${test.reason}`);
    if (likeness === null || !learnedEnough(test)) continue;
    const own = worse(gradeOf(likeness, noiseOf(likeness)), mostBy(overall));
    if (!test.fit && rank(own) >= rank("partial")) continue;
    grade = grade === null ? own : worse(grade, own);
    n = Math.min(n, likeness.n);
  }
  const partly = unfit.map((reason) => `Not used for a good grade: ${reason}.`);
  if (grade === null) {
    const why = unfit.length === 0 ? "nothing was compared" : unfit.join("; ");
    const sentence = `Cannot say how close the synthetic images are to the real ones: ${why}`;
    return { grade: "unknown", sentence, reasons: [...reasons, help(Object.keys(features))] };
  }
  const missing = absent(protocol);
  if (missing.length > 0) {
    reasons.unshift(`There are no synthetic images of ${missing.join(", ")}.`);
    grade = worse(grade, "partial");
  }
  const sentence =
    grade === "indistinguishable" ? `${SENTENCES[grade]}, on ${count(n)} images per side` : SENTENCES[grade];
  return { grade, sentence, reasons: [...reasons, ...partly] };
}

/** The verdict as lines of text: the sentence, then what it stands on. */
export const verdictLines = ({ sentence, reasons }: Verdict): string[] => [`${sentence}.`, ...reasons];

const limits = (name: keyof typeof LIMITS): string => {
  const { fid, kid, oneNearestNeighbour, coverage } = LIMITS[name];
  return `FID at most ${fid} times, KID at most ${kid} standard deviations above, 1-NN accuracy at most ${oneNearestNeighbour} above, coverage at least ${coverage} of that of other real images`;
};

/** The rules, for the methods section. */
export const VERDICT_RULES = `The synthetic images are compared with other real images of the same number and classes, which the extractor was not trained on either; every metric must be within its limits, so the least favourable decides. “Cannot be distinguished from real images by these tests”: ${limits("indistinguishable")}, and over all images the 95 % intervals of KID, recall and coverage reach their floors. “Close”: ${limits("close")}. “Resemble part”: ${limits("partial")}. Else “clearly differ”, and “as far as images without content” where FID and 1-NN accuracy are those of noise. An extractor that gives real images which were blurred, or noise, one of the first three has no say in praise, and a classifier near chance none at all; with several extractors the least favourable decides; without any: “cannot say”.`;
