import { listed } from "../../core/quoted.ts";
import { mean } from "../../math/mean.ts";
import { count, number, percent } from "../../report/format.ts";
import { coveredGroups } from "../attributes/lagging-groups.ts";
import type { Estimates, MetricsFile } from "../metrics-file.ts";
import { degradationWords } from "./degrade.ts";
import {
  classGrade,
  diversityGrade,
  fidelityGrade,
  type Grade,
  groupGrade,
  HALF_WAY,
  kindsGrade,
  LIMITS,
  NEARLY_TOLD,
  type Place,
  rank,
  worse,
} from "./grade.ts";
import { HALVES } from "./kinds.ts";
import { type LikenessBlock, PARTS, type Part, type SelfTest, type Verdict } from "./verdict-schema.ts";

/** The part of an independent classifier that the verdict reads. */
interface ImageMetric {
  readonly overall: { readonly value: number; readonly high: number; readonly floor: number | null } | null;
  readonly chance: number | null;
  readonly fit: boolean;
  readonly sentence: string;
}

/** What a verdict is made from; all of it stands in `metrics.json`. */
export type Evidence = Pick<MetricsFile, "features" | "selfTest" | "protocol"> & {
  /** By name; `classAgreement` has a say where it is fit. */
  readonly imageMetrics?: Readonly<Record<string, ImageMetric>> | undefined;
};

type Likeness = NonNullable<LikenessBlock>;

const SENTENCES: Readonly<Record<Grade, string>> = {
  indistinguishable: "The synthetic images cannot be told from real images by these tests",
  close: "The synthetic images are close to the real images, but can be told from them",
  partial: "The synthetic images resemble part of the real images",
  unlike: "The synthetic images clearly differ from the real images",
  noise: "The synthetic images are as far from the real images as images without content are",
};

/** A part by one extractor, with what it stands on. */
interface Finding {
  readonly part: Part;
  readonly grade: Grade;
  readonly reason: string;
  /** True where little or nothing was found because little would have been: then it is no praise. */
  readonly blind?: boolean;
}

const placeIn = ({ share, told, oneNearestNeighbour: nn, coverage, modes }: Likeness): Place => ({
  share: share ?? Number.POSITIVE_INFINITY,
  told,
  oneNearestNeighbour: nn.value - Math.max(0.5, nn.floor),
  coverage: coverage.floor > 0 ? coverage.value / coverage.floor : 1,
  lost: Math.max(0, modes.value - modes.floor),
  lostTold: modes.told,
});

/** Whether the images lie nearer to the real ones than real images to each other, as copies do. */
const likeCopies = (likeness: Likeness): boolean => placeIn(likeness).oneNearestNeighbour < -0.1;

/** Where the set stands on the ladder of blurs, in words. */
function placeWords({ blur, share }: Likeness, ladder: SelfTest["ladder"]): string | null {
  const blurs = ladder.filter(({ degradation }) => degradation === "blur");
  if (blurs.length === 0 || share === null) return null;
  if (share > LIMITS.unlike.share) return "images without content";
  if (blur !== null) return degradationWords({ degradation: "blur", strength: Math.max(0.01, blur) });
  return `more than ${degradationWords({ degradation: "blur", strength: Math.max(...blurs.map(({ strength }) => strength)) })}`;
}

function fidelity(name: string, likeness: Likeness, test: SelfTest): Finding {
  const { n, energy, oneNearestNeighbour: nn, told, draws } = likeness;
  const grade = fidelityGrade(placeIn(likeness));
  const numbers = `distance ${number(energy.value)}, other real images ${number(energy.floor)}, images without content ${number(energy.noise)}; a nearest-neighbour classifier is right for ${percent(nn.value)}, for other real images ${percent(nn.floor)}`;
  const where = `By ${name}, on ${count(n)} images per side,`;
  const copies = likeCopies(likeness)
    ? "; so the synthetic images are nearer to the real ones than real images are to each other, as copies would be: look at the nearest pairs"
    : "";
  const words = placeWords(likeness, test.ladder);
  const finding =
    grade === "indistinguishable" || words === null
      ? `the synthetic images are told from real ones in ${Math.round(told * draws)} of ${draws} draws`
      : `the synthetic images are as far from the real ones as ${words}`;
  return { part: "fidelity", grade, reason: `${where} ${finding} (${numbers})${copies}.` };
}

/**
 * Whether an extractor would notice that half of the kinds of images are missing: by its features and by small copies, and
 * the set itself is clearly on one side of the way to such a set.
 */
function seesKinds({ ladder }: SelfTest, grades: readonly (Grade | null)[]): boolean {
  const halves = ladder.filter(({ degradation }) => degradation in HALVES);
  return halves.length > 0 && halves.every(({ detected }) => detected) && !grades.includes(null);
}

function diversity(name: string, likeness: Likeness, overall: Estimates, test: SelfTest): Finding {
  const { modes, missing } = likeness;
  const { value, floor } = likeness.coverage;
  const grades = Object.values(missing ?? {}).map(kindsGrade);
  const kinds = grades.reduce<Grade>((least, own) => (own === null ? least : worse(least, own)), "indistinguishable");
  const own = worse(diversityGrade(placeIn(likeness)), kinds);
  const blind = rank(own) >= rank("close") && !seesKinds(test, grades);
  const grade = own === "indistinguishable" && !asVaried(overall) ? "close" : own;
  const far = Object.entries(missing ?? {}).sort(([, a], [, b]) => b.value / b.half - a.value / a.half)[0];
  const lacks =
    kinds === "indistinguishable" || far === undefined
      ? ""
      : `; kinds of images are missing: by ${far[0]}, they lie ${percent(Math.min(1, far[1].value / far[1].half))} of the way to real images without half of their kinds`;
  return {
    part: "diversity",
    grade,
    blind,
    reason: `By ${name}, ${percent(value)} of the real images have a synthetic image near them, ${percent(floor)} have another real image; ${percent(modes.value)} of the synthetic images are of a kind that is too frequent, of other real images ${percent(modes.floor)}${lacks}${blind ? "; half of the kinds missing would not have been noticed" : ""}.`,
  };
}

/** Whether recall and coverage of all images reach those of other real images, within their intervals. */
const asVaried = ({ recall, coverage }: Estimates): boolean =>
  [recall, coverage].every((share) => share === null || share.high >= (share.floor ?? 0));

/** Whether an extractor tells the images of one class from those of another. */
const knowsClasses = ({ ladder }: SelfTest): boolean =>
  ladder.some(({ degradation, detected }) => degradation === "swapped classes" && detected);

function classesByDistance(name: string, { classes }: Likeness, test: SelfTest): Finding[] {
  const entries = Object.entries(classes);
  if (entries.length < 2 || !knowsClasses(test)) return [];
  const grade = classGrade(Object.values(classes));
  const [worst] = entries
    .flatMap(([label, { told, swapped }]) => (told && swapped !== null ? [{ label, swapped }] : []))
    .sort((a, b) => b.swapped - a.swapped);
  const all = mean(Object.values(classes).map(({ swapped }) => Math.max(0, swapped ?? 0)));
  const reason =
    worst === undefined
      ? `By ${name}, the synthetic images of each of ${entries.length} classes are not told from real ones of their class.`
      : `By ${name}, synthetic images lie farther from real ones of their class than the whole set from all, by ${percent(all)} of what images of another class would; most of all ${worst.label}, by ${percent(Math.max(0, worst.swapped))}.`;
  return [{ part: "classes", grade, reason }];
}

/** Grade of an independent classifier: its accuracy on synthetic images above chance, beside that on real ones. */
function agreement({ overall, chance, fit, sentence }: ImageMetric): Finding[] {
  if (!fit || overall === null || overall.floor === null) return [];
  const base = chance ?? 0;
  const ratio = (overall.high - base) / (overall.floor - base);
  const grade = ratio >= 1 ? "indistinguishable" : ratio >= 0.75 ? "close" : ratio >= 0.35 ? "partial" : "unlike";
  return [{ part: "classes", grade, reason: sentence }];
}

function groups(name: string, likeness: Likeness, evidence: Evidence): Finding[] {
  const told = Object.entries(likeness.classes)
    .flatMap(([label, { told: is, share, n }]) => (is ? [{ label, n, share: share ?? Number.POSITIVE_INFINITY }] : []))
    .sort((a, b) => b.share - a.share);
  const lagging = coveredGroups(evidence, name).filter(({ lags }) => lags);
  const found: Finding[] = [];
  const [far] = told;
  if (far !== undefined && Object.keys(likeness.classes).length > 1) {
    found.push({
      part: "groups",
      grade: groupGrade(far.share),
      reason: `By ${name}, the class farthest from its real images is ${far.label}: ${number(far.share)} of the way to images without content, all classes together ${number(likeness.share)}.`,
    });
  }
  for (const { column, value, covered, floor, ratio } of lagging.slice(0, 1)) {
    found.push({
      part: "groups",
      grade: worse("close", diversityGrade({ coverage: ratio, lost: 0, lostTold: 0 })),
      reason: `By ${name}, ${column} ${value} is covered less than the whole: ${percent(covered.value)} of its real images, other real images cover ${percent(floor)}.`,
    });
  }
  if (found.length > 0) return found;
  const tested = Object.keys(likeness.classes).length;
  if (tested < 2 && Object.keys(evidence.features[name]!.perAttribute).length === 0) return [];
  return [
    { part: "groups", grade: "indistinguishable", reason: `By ${name}, no class or group of patients lags behind.` },
  ];
}

function help(used: readonly string[]): string {
  const fixed = used.includes("multiscale")
    ? ""
    : "--features multiscale, which detects blur, noise and lost structure without training; ";
  return `What would help: ${fixed}more real images of each class; a --holdout of real images; an extractor trained elsewhere (--features onnx:PATH).`;
}

/** Classes of the real set that the synthetic set lacks. */
const absent = ({ perClass }: MetricsFile["protocol"]): string[] =>
  Object.entries(perClass).flatMap(([name, { n }]) => (n === 0 ? [name] : []));

/** The least favourable finding of a part; null where there is none. One that was blind counts where no other saw. */
function worstOf(findings: readonly Finding[], part: Part): Finding | null {
  const own = findings.filter((finding) => finding.part === part);
  const seeing = own.filter(({ blind }) => blind !== true);
  return (seeing.length > 0 ? seeing : own).reduce<Finding | null>(
    (worst, finding) => (worst === null || rank(finding.grade) < rank(worst.grade) ? finding : worst),
    null,
  );
}

/**
 * The verdict, and the one place where its sentence is made: the worst of fidelity, diversity, classes and rare groups, by
 * every extractor that passed its self-test. One that did not takes no part, and that is said. Without a fit extractor
 * nothing can be said.
 */
export function verdictOf(evidence: Evidence): Verdict {
  const { features, selfTest, protocol, imageMetrics } = evidence;
  const findings: Finding[] = [];
  const unfit: string[] = [];
  let n = Number.POSITIVE_INFINITY;
  let farthest: { share: number; words: string | null } | null = null;
  for (const [name, { overall, likeness }] of Object.entries(features)) {
    const test: SelfTest = selfTest[name]!;
    if (!test.fit || likeness === null) {
      unfit.push(`${name}: ${test.reason}`);
      continue;
    }
    findings.push(
      fidelity(name, likeness, test),
      diversity(name, likeness, overall, test),
      ...classesByDistance(name, likeness, test),
      ...groups(name, likeness, evidence),
    );
    n = Math.min(n, likeness.n);
    const share = likeness.share ?? Number.POSITIVE_INFINITY;
    if (farthest === null || share > farthest.share) farthest = { share, words: placeWords(likeness, test.ladder) };
  }
  const left = unfit.map((reason) => `Has no say: ${reason}.`);
  if (farthest === null) {
    const why = unfit.length === 0 ? "nothing was compared" : unfit.join("; ");
    const sentence = `Cannot say how close the synthetic images are to the real ones: ${why}`;
    const parts = Object.fromEntries(PARTS.map((part) => [part, "unknown"])) as NonNullable<Verdict["parts"]>;
    return { grade: "unknown", sentence, reasons: [help(Object.keys(features))], place: null, parts };
  }
  const classAgreement = imageMetrics?.classAgreement;
  if (classAgreement !== undefined) findings.push(...agreement(classAgreement));
  const missing = absent(protocol);
  if (missing.length > 0) {
    const reason = `There are no synthetic images of ${listed(missing)}.`;
    findings.push({ part: "diversity", grade: "partial", reason });
  }
  const found = PARTS.map((part) => worstOf(findings, part));
  const untested = Object.keys(protocol.perClass).length > 1 && found[2] === null;
  const least = found.reduce<Grade>(
    (least, finding) => (finding === null ? least : worse(least, finding.grade)),
    untested ? "close" : "indistinguishable",
  );
  // Nothing good is said of a set whose missing kinds would not be noticed; what is bad remains so.
  const blind = found.some((finding) => finding?.blind === true);
  const grade = blind && rank(least) >= rank("close") ? "unknown" : least;
  const parts = Object.fromEntries(
    PARTS.map((part, k) => {
      const own = found[k];
      return [part, own === null || own === undefined || own.blind === true ? "unknown" : own.grade];
    }),
  ) as NonNullable<Verdict["parts"]>;
  const reasons = [
    ...found.flatMap((finding) => (finding === null ? [] : [finding.reason])),
    ...(untested
      ? ["Whether the images show their classes cannot be said: no test tells the real classes apart."]
      : []),
    ...left,
  ];
  const faultless = found.every(
    (finding) => finding === null || finding.blind || finding.grade === "indistinguishable",
  );
  const untold = [...(blind ? ["missing kinds of images"] : []), ...(untested ? ["swapped classes"] : [])];
  const unnoticed = `on ${count(n)} images per side ${untold.join(" and ")} would not be noticed`;
  const copies = Object.entries(features).some(
    ([name, { likeness }]) => selfTest[name]!.fit && likeness !== null && likeCopies(likeness),
  );
  const nearer = copies ? "; they are nearer to the real images than real images are to each other, as copies are" : "";
  if (grade === "unknown") {
    const seen =
      faultless || farthest.words === null
        ? `${faultless ? "no" : "little"} difference was found`
        : `what was seen lies as far from them as ${farthest.words}`;
    const sentence = `Cannot say how close the synthetic images are to the real ones: ${seen}, but ${unnoticed}${nearer}`;
    return { grade, sentence, reasons: [...reasons, help(Object.keys(features))], place: farthest.words, parts };
  }
  const said =
    faultless && untested
      ? `No difference between the synthetic and the real images was found, but ${unnoticed}`
      : sentenceOf(grade, parts.fidelity, farthest.words, n);
  const sentence = `${said}${nearer}`;
  return { grade, sentence, reasons, place: farthest.words, parts };
}

/** The grade in words, with the place on the ladder where the images themselves are told from real ones. */
function sentenceOf(
  grade: Grade,
  own: NonNullable<Verdict["parts"]>["fidelity"],
  place: string | null,
  n: number,
): string {
  if (grade === "indistinguishable") return `${SENTENCES[grade]}, on ${count(n)} images per side`;
  const told = own !== undefined && own !== "indistinguishable" && own !== "unknown";
  return !told || place === null || grade === "noise"
    ? SENTENCES[grade]
    : `${SENTENCES[grade]}: as far from them as ${place}`;
}

/** The verdict as lines of text: the sentence, then what it stands on. */
export const verdictLines = ({ sentence, reasons }: Verdict): string[] => [`${sentence}.`, ...reasons];

const limits = (name: "close" | "partial" | "unlike"): string => {
  const { share, oneNearestNeighbour, coverage, lost, swapped } = LIMITS[name];
  const parts = [`share at most ${share}`];
  if (Number.isFinite(oneNearestNeighbour)) parts.push(`1-NN accuracy at most ${oneNearestNeighbour} above`);
  if (lost < 1) parts.push(`at most ${lost} of the images of kinds that are too frequent`);
  if (coverage > 0) parts.push(`coverage at least ${coverage} of that of other real images`);
  if (Number.isFinite(swapped)) parts.push(`no class more than ${swapped} of the way to another class`);
  return parts.join(", ");
};

/** The rules, for the methods section. */
export const VERDICT_RULES = `The synthetic images are compared with other real images of the same number and classes, which the extractor was not trained on either. The share is the root of the energy distance above that of other real images, divided by that of images without content: 0 like real images, 1 like noise. The worst of fidelity, diversity, classes and rare groups decides, by the least favourable extractor that passed its self-test. “Cannot be told from real images by these tests”: told in fewer than half of the draws (5 % false alarms each), and recall and coverage of all images reach their floors. “Close”: ${limits("close")}. “Resemble part”: ${limits("partial")}. “Clearly differ”: ${limits("unlike")}; beyond, “as far as images without content”. Kinds of images are missing where a set is told from real ones (by features or small copies, 1 % false alarms each) and lies more than ${HALF_WAY.far} of the way to real images without half of their kinds: “resemble part” at most. Between ${HALF_WAY.near} of the way (${HALF_WAY.sure} where such images vary little) and that, beyond ${NEARLY_TOLD} of the distance from which a set is told, and where a set without half of the kinds would not be noticed: “cannot say” instead of anything better. An extractor that does not tell blurred images, shuffled patches or noise from real images has no say, nor has a classifier near chance; without any extractor: “cannot say”.`;
