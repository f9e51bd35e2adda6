import type { Judgement } from "../statistics/judge-arms.ts";
import { type Answer, differenceWords, type Evidence, judgementWords, leastGain } from "./evidence.ts";
import { armKind, counted, fixed, listed, metricSign, signed } from "./words.ts";

/** Arms named at most where a sentence lists them. */
const NAMED = 4;

function named(items: readonly string[]): string {
  const more = items.length - NAMED;
  return more > 0 ? `${items.slice(0, NAMED).join(", ")} and ${more} more` : listed(items);
}

/** What belongs beside a recommendation so that it is not read as more than it is. */
export function furtherSentences(evidence: Evidence, answer: Answer): string[] {
  return [
    choiceSentence(evidence, answer),
    repeatsSentence(evidence),
    controlsSentence(evidence),
    hurtSentence(evidence, answer),
    filledSentence(evidence),
    distributionSentence(evidence),
    powerSentence(evidence),
  ].filter((sentence) => sentence !== null);
}

/** The best of many is best by luck too. */
function choiceSentence({ asked, judgements }: Evidence, { answer, arm }: Answer): string | null {
  const helping = asked.filter(({ name }) => judgements(name).some(({ verdict }) => verdict === "helps"));
  if (answer !== "use" || asked.length < 2) return null;
  const others = helping.filter(({ name }) => name !== arm).map(({ name }) => name);
  const also =
    others.length === 0
      ? "no other is shown to help"
      : `${named(others)} ${others.length === 1 ? "is" : "are"} shown to help too, and whether they differ from it was not tested`;
  return `It was selected as the best of ${counted(asked.length, "arm")} with synthetic images, so the next study is likely to find less; ${also}.`;
}

/** Better than real images alone, but so are repeats of them. */
function repeatsSentence({ asked, judgements, outcome, testSet }: Evidence): string | null {
  const { alpha } = outcome.config;
  const found = asked.flatMap(({ name }) =>
    judgements(name).filter(({ verdict, comparisons, metric }) => {
      const better = comparisons.map(
        ({ interval, value }) =>
          interval !== null && metricSign(metric) * value > 0 && (interval.low > 0 || interval.high < 0),
      );
      return verdict === "not shown" && better[0] && better.slice(1).some((is) => !is);
    }),
  );
  if (found.length === 0) return null;
  const best = found.reduce((most, judgement) => (gainOnFirst(judgement) > gainOnFirst(most) ? judgement : most));
  const words = best.comparisons.map((comparison) => differenceWords(comparison, alpha));
  const arms = counted(new Set(found.map(({ arm }) => arm)).size, "arm");
  return `Taken alone, the interval of ${arms} lies above the real images but not above the same number of repeats of them, which could also explain the gain: ${best.arm} on ${testSet(best.testSet)}, ${listed(words)}.`;
}

const gainOnFirst = ({ comparisons, metric }: Judgement) => metricSign(metric) * comparisons[0]!.value;

/** What helps or hurts without any synthetic image. */
function controlsSentence(evidence: Evidence): string | null {
  const { outcome } = evidence;
  const controls = outcome.arms.filter((arm) => armKind(arm) === "control" && arm.share === 1);
  const helps = controls.flatMap(({ name }) => evidence.judgements(name).filter(({ verdict }) => verdict === "helps"));
  if (helps.length === 0) return null;
  const best = helps.reduce((most, judgement) => (leastGain(judgement) > leastGain(most) ? judgement : most));
  return `Without synthetic images, ${best.arm} helps: ${judgementWords(best, evidence)}.`;
}

/** Arms that hurt, besides those that the recommendation names. */
function hurtSentence({ asked, judgements }: Evidence, { answer, arm }: Answer): string | null {
  const hurts = asked.flatMap(({ name }) =>
    name === arm && answer !== "not shown" ? [] : judgements(name).filter(({ verdict }) => verdict === "hurts"),
  );
  if (hurts.length === 0) return null;
  const arms = [...new Set(hurts.map((judgement) => judgement.arm))].map((name) => {
    const where = hurts.flatMap((judgement) =>
      judgement.arm === name ? [`${signed(leastGain(judgement))} on ${judgement.testSet}`] : [],
    );
    return `${name} (${where.join(", ")})`;
  });
  return `${answer === "do not use" ? "Also shown" : "Shown"} to hurt: ${named(arms)}.`;
}

/** Whether synthetic images make up for real ones that are not there. */
function filledSentence({ outcome, asked, judgements, testSet }: Evidence): string | null {
  const filled = outcome.arms.filter((arm) => armKind(arm) === "filled" && !asked.includes(arm));
  if (filled.length === 0) return null;
  const verdicts = filled.flatMap(({ name }) => judgements(name));
  const said = (["helps", "hurts"] as const).flatMap((verdict) => {
    const found = verdicts.filter((judgement) => judgement.verdict === verdict);
    return found.length === 0
      ? []
      : [`${verdict}: ${named(found.map(({ arm, testSet: set }) => `${arm} on ${testSet(set)}`))}`];
  });
  const arms = counted(filled.length, "arm");
  return said.length === 0
    ? `It is also not shown that synthetic images make up for missing real ones (${arms}).`
    : `Where real images are missing, filling them up with synthetic ones ${said.join("; it ")}.`;
}

function distributionSentence({ outcome: { testSets } }: Evidence): string | null {
  if (testSets.some(({ distribution }) => distribution === "out")) return null;
  return "No test set is from elsewhere: the results may not hold for other hospitals and devices.";
}

/** What could have been missed. */
function powerSentence({ asked, judgements, outcome: { testSets } }: Evidence): string | null {
  const parts = testSets.flatMap(({ name }) => {
    const powers = asked.flatMap(({ name: arm }) =>
      judgements(arm).flatMap(({ testSet, power }) => (testSet === name && power !== null ? [power.smallest] : [])),
    );
    if (powers.length === 0) return [];
    const [least, most] = [Math.min(...powers), Math.max(...powers)];
    // Every metric lies between 0 and 1.
    const [from, to] = [least, most].map((value) => (value >= 1 ? "more than is possible" : fixed(value)));
    return [`${from}${from === to ? "" : ` to ${to}`} on ${name}`];
  });
  if (parts.length === 0) return null;
  return `A study of this size shows a true difference of ${listed(parts)}, by arm, with a probability of 80 %; smaller ones are mostly missed.`;
}
