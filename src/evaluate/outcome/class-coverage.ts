import { percentFixed } from "../../core/percent.ts";
import type { Outcome } from "../../train/index.ts";

/** What the figures of a measured state say of coverage; undefined where there are none. */
export function coverageOf(figures: Readonly<Record<string, number>> | null): Outcome["coverage"] {
  const { coverage } = figures ?? {};
  if (coverage === undefined) return undefined;
  const prefix = "coverage/";
  const classes = Object.entries(figures!).flatMap(([name, value]) =>
    name.startsWith(prefix) ? [{ name: name.slice(prefix.length), value }] : [],
  );
  return { value: coverage, classes, sentence: sentenceOf(coverage, classes) };
}

function sentenceOf(value: number, classes: readonly { readonly name: string; readonly value: number }[]): string {
  const all = `Coverage: ${percentFixed(value)} of the training images have a drawn image as near as their own neighbours`;
  const [least, ...others] = [...classes].sort((a, b) => a.value - b.value);
  const most = others.at(-1);
  if (least === undefined || most === undefined) return all;
  return `${all}: least in ${least.name} (${percentFixed(least.value)}), most in ${most.name} (${percentFixed(most.value)})`;
}
