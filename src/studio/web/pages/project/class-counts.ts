/** Images of one class, real ones and those that are wanted beside or of it. */
export interface ClassRow {
  readonly name: string;
  /** Real images that are trained on. */
  readonly real: number;
  /** Synthetic images. */
  readonly synthetic: number;
}

/** Counts as a command takes them, `a=10,b=20`; classes of none are left out. */
export const countsText = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name}=${count}`)
    .join(",");

/** Whether a class can be named in such a text. */
export const isCountable = (name: string): boolean => name !== "" && !/[=,\p{Cc}]|^-/u.test(name);

/**
 * Synthetic images that a class gets when it is filled up, while a slider moves; the command's own plan is what is done.
 * @param wanted Images of the class afterwards.
 * @param ratio Most synthetic images for each real one; null for no limit.
 */
export function filledUp(real: number, wanted: number, ratio: number | null): number {
  const lacking = Math.max(0, wanted - real);
  return ratio === null ? lacking : Math.min(lacking, Math.floor(ratio * real + 1e-9));
}

/** Largest class over smallest; null where one is empty. */
export function imbalance(counts: readonly number[]): number | null {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return counts.length === 0 || least === 0 ? null : most / least;
}

/** A round number not below a count, as the end of a slider. */
export function sliderEnd(count: number): number {
  const step = 10 ** Math.max(1, Math.floor(Math.log10(Math.max(1, count))));
  return Math.max(100, Math.ceil((1.5 * count) / step) * step);
}
