import type { Arm } from "../arms.ts";
import type { Judgement } from "../statistics/judge-arms.ts";
import { MIN_SEEDS } from "../statistics/paired-difference.ts";
import { type Answer, type Evidence, evidenceOf, judgementWords, leastGain, type Recommendation } from "./evidence.ts";
import { furtherSentences } from "./further-sentences.ts";
import type { StudyOutcome } from "./study-outcome.ts";
import { armKind, counted, instruction, listed } from "./words.ts";

/**
 * One sentence with its evidence: which synthetic images to use and what they gain on which test set, or that they are not to be
 * used, or that neither is shown. Never more than the verdicts say.
 */
export function recommendation(outcome: StudyOutcome): Recommendation {
  const evidence = evidenceOf(outcome);
  const found = answerOf(evidence);
  return {
    ...found,
    sentence: `${found.claim}: ${found.evidence}.`,
    further: furtherSentences(evidence, found),
  };
}

function answerOf(evidence: Evidence): Answer {
  const { asked } = evidence;
  if (asked.length === 0) return withoutSynthetic(evidence);
  const of = (arm: Arm, verdict: Judgement["verdict"]) =>
    evidence.judgements(arm.name).filter((judgement) => judgement.verdict === verdict);
  const helping = asked.filter((arm) => of(arm, "helps").length > 0);
  const harmless = helping.filter((arm) => of(arm, "hurts").length === 0);
  const byGain = (arms: readonly Arm[]) => {
    const score = (arm: Arm) => {
      const helps = of(arm, "helps");
      return [helps.length, helps.reduce((sum, judgement) => sum + leastGain(judgement), 0)];
    };
    return [...arms].sort((a, b) => score(b)[0]! - score(a)[0]! || score(b)[1]! - score(a)[1]!)[0]!;
  };
  if (harmless.length > 0) return use(evidence, byGain(harmless));
  if (helping.length > 0) return mixed(evidence, byGain(helping));
  const hurting = asked.filter((arm) => of(arm, "hurts").length > 0);
  // That synthetic images alone are worse than real ones says nothing of adding them.
  if (hurting.some((arm) => armKind(arm) !== "only") || (hurting.length > 0 && asked.length === hurting.length)) {
    return doNotUse(evidence, hurting);
  }
  return notShown(evidence);
}

function use(evidence: Evidence, arm: Arm): Answer {
  const judgements = evidence.judgements(arm.name);
  const sentences = judgements.map((judgement) => judgementWords(judgement, evidence));
  return { answer: "use", arm: arm.name, claim: instruction(arm), evidence: sentences.join("; ") };
}

function mixed(evidence: Evidence, arm: Arm): Answer {
  const judgements = evidence.judgements(arm.name);
  const where = (verdict: Judgement["verdict"]) => judgements.filter((judgement) => judgement.verdict === verdict);
  const distributions = (verdict: Judgement["verdict"]) =>
    new Set(
      where(verdict).map(({ testSet }) => evidence.outcome.testSets.find(({ name }) => name === testSet)?.distribution),
    );
  const [helps, hurts] = [distributions("helps"), distributions("hurts")];
  const names = (verdict: Judgement["verdict"]) => listed(where(verdict).map(({ testSet }) => testSet));
  const claim =
    helps.size === 1 && hurts.size === 1 && helps.has("in") && hurts.has("out")
      ? "Do not rely on synthetic images for patients from elsewhere: they help in distribution and hurt out of it"
      : helps.size === 1 && hurts.size === 1 && helps.has("out") && hurts.has("in")
        ? "Use synthetic images only for patients from elsewhere: they help out of distribution and hurt in it"
        : `Do not use synthetic images without a test on your own patients: they help on ${names("helps")} and hurt on ${names("hurts")}`;
  const sentences = judgements.map((judgement) => judgementWords(judgement, evidence));
  return { answer: "mixed", arm: arm.name, claim, evidence: `with ${arm.name}, ${sentences.join("; ")}` };
}

function doNotUse(evidence: Evidence, hurting: readonly Arm[]): Answer {
  const { asked, outcome } = evidence;
  // That synthetic images alone are worse than real ones says nothing about adding them.
  const adding = hurting.filter((arm) => armKind(arm) !== "only");
  const about = adding.length > 0 ? adding : hurting;
  const harms = about.flatMap(({ name }) => evidence.judgements(name).filter(({ verdict }) => verdict === "hurts"));
  const worst = harms.reduce((most, judgement) => (leastGain(judgement) < leastGain(most) ? judgement : most));
  const where = onSets(outcome);
  const all = asked.length === 1 ? "the one arm with them is" : `none of ${counted(asked.length, "arm")} with them is`;
  const none =
    asked.length === 1
      ? `${all} not shown to help ${where} and is shown to hurt`
      : `${all} shown to help ${where}, and ${hurting.length === asked.length ? "all are" : hurting.length === 1 ? "1 is" : `${hurting.length} are`} shown to hurt`;
  const among = about.length < hurting.length ? "of those added to real ones most of all " : "most of all ";
  const detail = `${asked.length === 1 ? "" : among}${worst.arm}: ${judgementWords(worst, evidence)}`;
  return {
    answer: "do not use",
    arm: worst.arm,
    claim: "Do not use synthetic images",
    evidence: `${none}, ${detail}`,
  };
}

function notShown(evidence: Evidence): Answer {
  const { asked, outcome } = evidence;
  const adding = asked.filter((arm) => armKind(arm) !== "only");
  const about = adding.length > 0 ? adding : asked;
  const judgements = about.flatMap(({ name }) => evidence.judgements(name));
  if (judgements.length === 0) {
    return {
      answer: "not shown",
      arm: null,
      claim: "Not shown whether synthetic images help",
      evidence: "nothing was tested",
    };
  }
  const best = judgements.reduce((most, judgement) => (leastGain(judgement) > leastGain(most) ? judgement : most));
  const withInterval = judgements.filter(({ comparisons }) => comparisons.every(({ interval }) => interval !== null));
  const detail = `${best.arm}, ${judgementWords(best, evidence)}`;
  if (withInterval.length === 0) {
    const { seeds } = outcome.config;
    const why =
      seeds.length < MIN_SEEDS
        ? `${counted(seeds.length, "seed")} per arm ${seeds.length === 1 ? "allows" : "allow"} no interval, which needs ${MIN_SEEDS}`
        : "no difference has an interval";
    const claim = "Not shown whether synthetic images help";
    return {
      answer: "not shown",
      arm: best.arm,
      claim,
      evidence: `${why}; the arm that came out highest is ${detail}`,
    };
  }
  const where = onSets(outcome);
  const none =
    about.length === 1
      ? `the one arm with them is not better than all of its controls ${where}`
      : `none of ${counted(about.length, "arm")} with them is better than all of its controls ${where}`;
  return {
    answer: "not shown",
    arm: best.arm,
    claim: "Not shown that synthetic images help",
    evidence: `${none}; nearest to it comes ${detail}`,
  };
}

/** `on the test set`, `on any of 2 test sets` */
const onSets = ({ testSets }: StudyOutcome): string =>
  testSets.length === 1 ? "on the test set" : `on any of ${testSets.length} test sets`;

function withoutSynthetic(evidence: Evidence): Answer {
  const { arms, judgements } = evidence.outcome;
  const helps = judgements.filter(({ verdict }) => verdict === "helps");
  const claim = "This study has no arm with synthetic images";
  if (helps.length === 0) {
    const others = counted(arms.filter(({ controls }) => controls.length > 0).length, "other arm");
    return { answer: "not shown", arm: null, claim, evidence: `of its ${others} none is shown to help` };
  }
  const best = helps.reduce((most, judgement) => (leastGain(judgement) > leastGain(most) ? judgement : most));
  return {
    answer: "not shown",
    arm: best.arm,
    claim,
    evidence: `of its other arms ${best.arm} gains most: ${judgementWords(best, evidence)}`,
  };
}
