import { percentFixed } from "../../core/percent.ts";
import type { Outcome } from "../../train/index.ts";

type Figures = Readonly<Record<string, number>> | null;
interface OfClass {
  readonly name: string;
  readonly value: number;
}

/** What the figures of a measured state say of coverage; undefined where there are none. */
export function coverageOf(figures: Figures): Outcome["coverage"] {
  const value = figures?.coverage;
  if (value === undefined) return undefined;
  const classes = ofClasses(figures, "coverage");
  const all = `Coverage: ${percentFixed(value)} of the training images have a drawn image as near as their own neighbours`;
  return { value, classes, sentence: `${all}${leastAndMost(classes)}` };
}

/** What the figures of a measured state say of how often drawn images are of their class; undefined where there are none. */
export function agreementOf(figures: Figures): Outcome["classAgreement"] {
  const { classAgreement: value, classAgreementReal: real } = figures ?? {};
  if (value === undefined || real === undefined) return undefined;
  const classes = ofClasses(figures, "classAgreement");
  const all = `Classes: a classifier of the training images gives ${percentFixed(value)} of the drawn images the class that they were drawn for, and ${percentFixed(real)} of real ones theirs`;
  return { value, real, classes, sentence: `${all}${leastAndMost(classes)}` };
}

/** The figures of a name that each class has. */
function ofClasses(figures: Figures, name: string): OfClass[] {
  const prefix = `${name}/`;
  return Object.entries(figures ?? {}).flatMap(([key, value]) =>
    key.startsWith(prefix) ? [{ name: key.slice(prefix.length), value }] : [],
  );
}

function leastAndMost(classes: readonly OfClass[]): string {
  const [least, ...others] = [...classes].sort((a, b) => a.value - b.value);
  const most = others.at(-1);
  if (least === undefined || most === undefined) return "";
  return `: least in ${least.name} (${percentFixed(least.value)}), most in ${most.name} (${percentFixed(most.value)})`;
}
