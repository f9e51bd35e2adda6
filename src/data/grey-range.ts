import type { Links } from "../core/inside-folder.ts";
import { readGrey16Maximum } from "./image-file.ts";
import { mapLimited } from "./parallel.ts";
import type { GreyWindow } from "./types.ts";

/** Bits of the values that devices store in 16 bits. */
const DEPTHS = [8, 10, 12, 14, 16] as const;
const FULL = 16;
/** Images looked at before the others, spread over the set. */
const FIRST = 8;
/** Images looked at together. */
const STEP = 16;

/** Bits of the values of 16-bit grey: 8, 10, 12, 14 or 16, by the highest of them. */
export function depthOf(highest: number): number {
  return DEPTHS.find((bits) => highest < 2 ** bits) ?? FULL;
}

/** All values of so many bits, from 0. */
function rangeOfDepth(bits: number): GreyWindow {
  const width = 2 ** bits - 1;
  return { center: width / 2, width };
}

/** Bits of the values from 0 to the end of a window. */
export const depthOfRange = ({ width }: GreyWindow): number => Math.log2(width + 1);

/** Places spread over a set. */
export function spread(count: number, wanted = FIRST): number[] {
  const n = Math.min(wanted, count);
  return Array.from({ length: n }, (_, i) => Math.floor((i * count) / n));
}

/**
 * The range of values that the 16-bit grey images of a set hold: 0 to the highest value of 8, 10, 12, 14 or 16 bits in which
 * all of them fit, so that images of one set stay comparable. Found when it is first asked for, by a look at all of them
 * until one needs all 16 bits; images of other kinds are passed over by their headers.
 * @param names Images of the whole set, whichever of them are used.
 */
export function greyRangeOf(root: string, names: readonly string[], links?: Links): () => Promise<GreyWindow> {
  let found: Promise<GreyWindow> | null = null;
  const find = async (): Promise<GreyWindow> => {
    const first = new Set(spread(names.length));
    const ordered = [...first, ...Array.from(names.keys()).filter((i) => !first.has(i))];
    let highest = 0;
    for (let at = 0; at < ordered.length && depthOf(highest) < FULL; at += STEP) {
      const some = ordered.slice(at, at + STEP);
      // A damaged file is reported by whoever decodes it; here it says nothing.
      const maxima = await mapLimited(some, 4, (i) => readGrey16Maximum(root, names[i]!, links).catch(() => null));
      for (const maximum of maxima) highest = Math.max(highest, maximum ?? 0);
    }
    return rangeOfDepth(depthOf(highest));
  };
  return () => {
    found ??= find();
    return found;
  };
}
