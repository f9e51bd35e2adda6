import { percentFixed } from "../../core/percent.ts";
import { mean } from "../../math/mean.ts";
import { quantileOfTail, studentTwoSided } from "../../math/student-t.ts";
import type { MeasuredState, Outcome } from "../../train/index.ts";

export type Trend = Outcome["trend"];

/** Share of the images seen, at the end, whose measurements are looked at. */
const WINDOW = 1 / 3;
/** Fewest measurements that a slope has an interval with. */
const MIN_MEASUREMENTS = 3;
/** Fewest that are looked at where there are as many. */
const WANTED = 4;
/** A distance that falls by less than this share no longer counts as falling. */
const STILL = 0.1;

/** Relative change that stands for any larger one. */
const MOST = 9;

const thousands = (n: number): string => n.toLocaleString("en-US");

/**
 * Whether the score of the states (the distance from the real images, divided by class agreement where that is followed) still falls: least squares of its logarithm against images seen, over the last
 * third of the training or its last four measurements, whichever are more, with the 95 % interval of Student's distribution.
 * `improving` where the whole interval falls, `still` where the distance falls by less than a tenth at most, else `unknown`.
 * @param measured States in any order; one of each number of images seen counts.
 */
export function trendOf(measured: readonly MeasuredState[]): Trend {
  const sorted = [...new Map(measured.map((state) => [state.imagesSeen, state])).values()].sort(
    (a, b) => a.imagesSeen - b.imagesSeen,
  );
  const end = sorted.at(-1)?.imagesSeen ?? 0;
  const inside = sorted.filter(({ imagesSeen }) => imagesSeen >= end * (1 - WINDOW)).length;
  const last = sorted.slice(-Math.max(inside, WANTED));
  const of = { measurements: last.length, from: last[0]?.imagesSeen ?? null, to: last.at(-1)?.imagesSeen ?? null };
  if (last.length < MIN_MEASUREMENTS) {
    const times = ["never", "once", "twice"][last.length];
    const sentence = `Cannot say whether it is still improving: the distance from the real images was ${times} measured, ${MIN_MEASUREMENTS} measurements are needed`;
    return { state: "unknown", sentence, change: null, ...of };
  }
  const [value, low, high] = changeOver(last);
  const state = high! < 0 ? "improving" : low! > -STILL ? "still" : "unknown";
  const change = { value: value!, low: low!, high: high! };
  return { state, sentence: sentenceOf(state, change, last), change, ...of };
}

/** Relative change along the fitted line from its first to its last measurement: value, and the ends of its 95 % interval. */
function changeOver(states: readonly MeasuredState[]): number[] {
  const x = states.map(({ imagesSeen }) => imagesSeen);
  // FID of a perfect set may be rounded to nothing.
  const y = states.map(({ score }) => Math.log(Math.max(score, 1e-9)));
  const [middle, level] = [mean(x), mean(y)];
  const spread = x.reduce((sum, at) => sum + (at - middle) ** 2, 0);
  const slope = x.reduce((sum, at, i) => sum + (at - middle) * (y[i]! - level), 0) / spread;
  const freedom = states.length - 2;
  const residual = y.reduce((sum, value, i) => sum + (value - level - slope * (x[i]! - middle)) ** 2, 0) / freedom;
  const half = quantileOfTail(0.05, (t) => studentTwoSided(t, freedom)) * Math.sqrt(residual / spread);
  const length = x.at(-1)! - x[0]!;
  return [slope, slope - half, slope + half].map((rate) => Math.min(MOST, Math.expm1(rate * length)));
}

function sentenceOf(
  state: Trend["state"],
  { value, low, high }: NonNullable<Trend["change"]>,
  states: readonly MeasuredState[],
): string {
  const moved = (share: number) => `${share < 0 ? "fell" : "rose"} by ${percentFixed(Math.abs(share))}`;
  const signed = (share: number) =>
    `${share < 0 ? "−" : "+"}${percentFixed(Math.abs(share))}${share === MOST ? " or more" : ""}`;
  const where = `from ${thousands(states[0]!.imagesSeen)} to ${thousands(states.at(-1)!.imagesSeen)} images seen`;
  const divided = states.some(({ distance, score }) => score !== distance) ? ", divided by class agreement," : "";
  const found = `the distance from the real images${divided} ${moved(value)} ${where} (95 % interval ${signed(low)} to ${signed(high)}, ${states.length} measurements)`;
  if (state === "improving") return `Still improving: ${found}`;
  if (state === "still") return `No longer improving: ${found}`;
  return `Cannot say whether it is still improving: ${found}`;
}
