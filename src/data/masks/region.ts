import { GanglionError } from "../../core/errors.ts";
import type { RawImage } from "../types.ts";
import { isListed, type MaskRule } from "./mask-rule.ts";
import { valueDistance } from "./mask-survey.ts";
import { greyOf, parseColour } from "./mask-values.ts";
import type { StoredMask } from "./stored-mask.ts";

/** Whether a stored value of a mask is inside. */
function insideOf(mask: StoredMask, rule: MaskRule, name: string): (value: number) => boolean {
  const { kind, palette, lossy } = mask;
  if (rule.kind === "unknown") throw new GanglionError("image", `${name}: ${rule.message}`);
  if (rule.kind === "least") {
    if (kind === "grey") return (value) => value >= rule.least;
    const colour = (value: number) => (kind === "palette" ? (palette?.[value] ?? 0) : value);
    return (value) => valueDistance(colour(value), 0, "colour") >= rule.least;
  }
  if (rule.kind === "labels") {
    const { except } = rule;
    if (kind === "palette" && rule.blackIsOutside) return (value) => palette?.[value] !== 0 && !except.includes(value);
    return (value) => value !== 0 && !(kind !== "colour" && except.includes(value));
  }
  if (!lossy) return (value) => isListed(value, mask, rule.values);
  const wanted = rule.values.flatMap((value) => {
    if (typeof value === "number") return kind === "colour" ? [] : [value];
    const colour = parseColour(value);
    return kind === "colour" ? [colour] : (greyOf(colour) ?? []);
  });
  const nearest = (value: number, among: readonly number[]) =>
    Math.min(Number.POSITIVE_INFINITY, ...among.map((one) => valueDistance(one, value, kind)));
  // A centre that was found beside a listed value is that value with its noise.
  const others = rule.others.filter((one) => nearest(one, wanted) > NOISE);
  return (value) => nearest(value, wanted) <= nearest(value, others);
}

/** Difference of a value and the one that JPEG made of it. */
const NOISE = 24;

/** The pixels of a mask that are inside, as one channel of 0 and 255. @throws GanglionError `image` where that is not known */
export function regionOf(mask: StoredMask, rule: MaskRule, name: string): RawImage {
  const { width, height, values } = mask;
  const inside = insideOf(mask, rule, name);
  const known = new Map<number, number>();
  const data = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    let pixel = known.get(value);
    if (pixel === undefined) {
      pixel = inside(value) ? 255 : 0;
      known.set(value, pixel);
    }
    data[i] = pixel;
  }
  return { width, height, channels: 1, data };
}
