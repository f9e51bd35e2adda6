import { counted } from "../../core/counted.ts";
import type { MaskSurvey, ValueCount } from "./mask-survey.ts";
import { valueDistance } from "./mask-survey.ts";
import { colourText, greyOf, type MaskValue, parseColour } from "./mask-values.ts";
import type { StoredMask } from "./stored-mask.ts";

/** Which pixels of a mask are inside, for all masks of a set. */
export type MaskRule =
  /** All but the background: 0 and black; of a palette without black the first position. Without `except`. */
  | { readonly kind: "labels"; readonly blackIsOutside: boolean; readonly except: readonly number[] }
  /** Values from `least`, the largest channel of colours: masks with the noise of JPEG or soft edges. */
  | { readonly kind: "least"; readonly least: number }
  /** Values that somebody listed; of noisy masks what is nearer to them than to the others found. */
  | { readonly kind: "listed"; readonly values: readonly MaskValue[]; readonly others: readonly number[] }
  /** It is not known; why, and what to say. */
  | { readonly kind: "unknown"; readonly message: string };

/** A rule and what to say of it. */
export interface FoundRule {
  readonly rule: MaskRule;
  readonly notes: readonly string[];
}

const FLAG = '--mask-values LIST, or "maskValues" in dataset.json';

/** Values that are listed in a message. */
const SHOWN = 12;
/** Values nearer than this are one in a noisy mask. */
const CLUSTER = 24;
/** Share of what is not outside that a value of a noisy mask has at least. */
const CLUSTER_SHARE = 0.05;
/** Share of values that lie in regions, from which values are labels though some do not. */
const MOSTLY_FLAT = 0.7;
/** Below so many values a mask without regions of equal values is one of small labels. */
const FEW_VALUES = 16;
/** Share of the border, and of masks, from which the value there is thought to be outside. */
const BORDER = 0.8;
const BORDER_MASKS = 0.9;
/** Greatest number of a label beside which 255 is taken for "ignored". */
const SMALL_LABELS = 32;
const IGNORED = 255;
const HALF = 128;

/** The value that is outside by itself. */
function isOutside(value: number, survey: MaskSurvey, blackIsOutside: boolean): boolean {
  if (survey.kind !== "palette") return value === 0;
  return blackIsOutside ? survey.palette?.[value] === 0 : value === 0;
}

const hasBlack = (survey: MaskSurvey): boolean =>
  survey.kind === "palette" && [...survey.counts.keys()].some((value) => survey.palette?.[value] === 0);

function valueText(value: number, { kind, palette }: Pick<MaskSurvey, "kind" | "palette">): string {
  if (kind === "grey") return String(value);
  if (kind === "colour") return colourText(value);
  return `${value} (${colourText(palette?.[value] ?? 0)})`;
}

/** Counts of all masks together, by the text of a value. */
interface Total extends ValueCount {
  readonly value: number;
  readonly survey: MaskSurvey;
  readonly outside: boolean;
}

function totals(surveys: readonly MaskSurvey[], blackIsOutside: boolean): Map<string, Total> {
  const all = new Map<string, Total>();
  for (const survey of surveys) {
    for (const [value, { count, flat }] of survey.counts) {
      const text = valueText(value, survey);
      const found = all.get(text);
      if (found === undefined) {
        all.set(text, { value, survey, count, flat, outside: isOutside(value, survey, blackIsOutside) });
      } else {
        found.count += count;
        found.flat += flat;
      }
    }
  }
  return all;
}

const texts = (values: readonly Total[]): string => {
  const sorted = [...values].sort((a, b) => a.value - b.value).map(({ value, survey }) => valueText(value, survey));
  return sorted.length <= SHOWN
    ? sorted.join(", ")
    : `${sorted.slice(0, SHOWN).join(", ")} and ${sorted.length - SHOWN} more`;
};

/** Values as they are given to the option. */
const listOf = (values: readonly Total[]): string =>
  [...values]
    .sort((a, b) => a.value - b.value)
    .slice(0, SHOWN)
    .map(({ value, survey }) => (survey.kind === "colour" ? colourText(value) : String(value)))
    .join(",");

/** Values about which those of noisy masks lie, the most frequent first. */
function clusters(values: readonly Total[], kind: StoredMask["kind"]): number[] {
  const found: { value: number; flat: number }[] = [];
  for (const { value, flat } of [...values].sort((a, b) => b.flat - a.flat)) {
    if (flat === 0) break;
    const near = found.find((one) => valueDistance(one.value, value, kind) <= CLUSTER);
    if (near === undefined) found.push({ value, flat });
    else near.flat += flat;
  }
  const inside = found.filter(({ value }) => valueDistance(value, 0, kind) > CLUSTER);
  const sum = inside.reduce((n, { flat }) => n + flat, 0);
  return inside.filter(({ flat }) => flat >= CLUSTER_SHARE * sum).map(({ value }) => value);
}

/** True where values without a region of their own lie between labels that have one: the soft edges of these. */
function hasSoftEdges(values: readonly Total[]): boolean {
  const flat = values.filter((total) => total.flat > 0);
  const edges = values.filter((total) => total.flat === 0);
  if (edges.length === 0 || flat.length >= MOSTLY_FLAT * values.length) return false;
  if (flat.length === 0) return values.length > FEW_VALUES;
  const highest = Math.max(...flat.map(({ value }) => value));
  return edges.every(({ value }) => value < highest) || values.length > FEW_VALUES;
}

const brightest = (colour: number): number => Math.max(colour >> 16, (colour >> 8) & 255, colour & 255);

function softRule(values: readonly Total[], kind: "grey" | "colour", what: string): FoundRule {
  const found = clusters(values, kind);
  if (found.length === 0) {
    const darkest = values.every(({ value }) => valueDistance(value, 0, kind) <= CLUSTER);
    const note = darkest
      ? `the masks are all but black${what.startsWith("JPEG") ? "; labels such as 1 and 2 do not survive JPEG, take the PNG masks where there are any" : ""}`
      : `the masks have no region of one value; values from ${HALF} count as lesion, say otherwise with ${FLAG}`;
    return { rule: { kind: "least", least: HALF }, notes: [note] };
  }
  const lowest = Math.min(...found.map((value) => (kind === "colour" ? brightest(value) : value)));
  const least = Math.max(1, Math.ceil(lowest / 2));
  const about = found
    .sort((a, b) => a - b)
    .map((value) => (kind === "colour" ? colourText(value) : String(value)))
    .join(", ");
  const several = found.length > 1 ? `; choose some of them with ${FLAG}` : "";
  const note = `the masks are ${what} about ${about}: values from ${least} count as lesion${several}`;
  return { rule: { kind: "least", least }, notes: [note] };
}

/** Two readings of one value, of which none is taken. */
function unknown(found: string, inside: readonly Total[], readings: readonly string[]): FoundRule {
  const message = `${found}; say which values are lesion with ${FLAG}${inside.length > 0 ? ` (${readings.join(", or ")})` : ""}`;
  return { rule: { kind: "unknown", message }, notes: [`masks: ${message}`] };
}

/** The value that is at the border of nearly all masks, though it is not outside by itself; null where there is none. */
function borderValue(surveys: readonly MaskSurvey[], blackIsOutside: boolean): string | null {
  const drawn = surveys.filter(({ counts }) => counts.size > 1);
  if (drawn.length < 2) return null;
  const around = drawn.flatMap((survey) => {
    const { value, share } = survey.border;
    const has = [...survey.counts.keys()].some((other) => isOutside(other, survey, blackIsOutside));
    return share >= BORDER && has && !isOutside(value, survey, blackIsOutside) ? [valueText(value, survey)] : [];
  });
  if (around.length < BORDER_MASKS * drawn.length || new Set(around).size > 1) return null;
  return around[0]!;
}

/** True where 255 stands beside small labels in one mask, as the pixels to leave out do in PASCAL VOC. */
function ignoresHighest(surveys: readonly MaskSurvey[]): boolean {
  const all = surveys.flatMap(({ counts, kind }) => (kind === "colour" ? [] : [...counts.keys()]));
  if (!all.includes(IGNORED)) return false;
  const others = all.filter((value) => value !== IGNORED);
  if (others.length === 0 || others.some((value) => value > SMALL_LABELS)) return false;
  return surveys.some(({ counts }) => counts.has(IGNORED) && [...counts.keys()].some((v) => v > 0 && v !== IGNORED));
}

/**
 * Decides which values of masks are inside, by what some of the masks hold.
 * @param surveys Of masks that were looked at; at least one.
 */
export function findMaskRule(surveys: readonly MaskSurvey[]): FoundRule {
  const blackIsOutside = surveys.some(hasBlack) || surveys.every(({ kind }) => kind !== "palette");
  const all = [...totals(surveys, blackIsOutside).values()];
  const inside = all.filter(({ outside }) => !outside);
  const labels: FoundRule = { rule: { kind: "labels", blackIsOutside, except: [] }, notes: [] };
  if (inside.length === 0) return { ...labels, notes: ["the masks that were looked at are all empty"] };
  const colours = inside.some(({ survey }) => survey.kind === "colour");
  const plain = inside.every(({ survey }) => survey.kind === (colours ? "colour" : "grey"));
  const lossy = surveys.some((survey) => survey.lossy);
  if (lossy) return softRule(all, colours ? "colour" : "grey", "JPEG, with values");
  if (plain && inside.length > 1 && hasSoftEdges(inside)) {
    return softRule(all, colours ? "colour" : "grey", "of soft edges, with values");
  }
  if (inside.length === all.length && inside.length > 1) {
    const found = `the masks hold the values ${texts(inside)} and none of them is 0 or black, so that it is not known which are outside of the lesion`;
    return unknown(found, inside, [`e.g. --mask-values ${listOf(inside.slice(0, 1))}`]);
  }
  const around = borderValue(surveys, blackIsOutside);
  if (around !== null) {
    const found = `the border of the masks is ${around}, not 0 or black: they may be inverted`;
    const rest = all.filter(({ value, survey }) => valueText(value, survey) !== around);
    return unknown(found, inside, [
      `inverted: --mask-values ${listOf(rest)}`,
      `as they are: --mask-values ${listOf(inside)}`,
    ]);
  }
  if (ignoresHighest(surveys)) {
    const rest = inside.filter(({ value }) => value !== IGNORED);
    const note = `the masks hold the labels ${texts(rest)}, which count as lesion, and 255, which commonly means "ignored" beside small labels and does not; say otherwise with ${FLAG} (${listOf(inside)})`;
    return { rule: { kind: "labels", blackIsOutside, except: [IGNORED] }, notes: [note] };
  }
  return { ...labels, notes: labelNotes(inside, all.length > inside.length) };
}

/** What to say of labels that all count; nothing of plain masks of 0 and 255. */
function labelNotes(inside: readonly Total[], hasOutside: boolean): string[] {
  const [only] = inside as [Total];
  const outside = hasOutside ? "" : " and nothing else";
  if (inside.length > 1) {
    return [
      `the masks hold ${inside.length} labels (${texts(inside)}) besides the background: all of them count as lesion; choose some with ${FLAG}, e.g. --mask-values ${listOf(inside.slice(0, 1))}`,
    ];
  }
  if (only.survey.kind === "grey" && only.value === 255) return [];
  return [`the masks hold the one value ${valueText(only.value, only.survey)}${outside}, which counts as lesion`];
}

/** The rule of values that somebody listed, with a word on those that no mask holds. */
export function listedRule(values: readonly MaskValue[], surveys: readonly MaskSurvey[]): FoundRule {
  const all = [...totals(surveys, true).values()];
  const colours = surveys.some(({ kind }) => kind === "colour");
  const numbers = values.filter((value) => typeof value === "number");
  if (colours && numbers.length > 0) {
    const found = `the masks hold colours (${texts(all.filter(({ survey }) => survey.kind === "colour"))}), and ${numbers.join(", ")} is none`;
    return unknown(found, all, ["colours as #rrggbb"]);
  }
  const lossy = surveys.some((survey) => survey.lossy);
  const kind = colours ? "colour" : "grey";
  const others = lossy ? [0, ...clusters(all, kind)] : [];
  const noisy = (value: MaskValue) =>
    others.some((other) => valueDistance(other, valueNumber(value, kind) ?? -CLUSTER - 1, kind) <= CLUSTER);
  const held = (value: MaskValue) =>
    lossy
      ? noisy(value)
      : surveys.some((survey) => [...survey.counts.keys()].some((v) => isListed(v, survey, [value])));
  const absent = surveys.length === 0 ? [] : values.filter((value) => !held(value));
  const notes =
    absent.length === 0
      ? []
      : [
          `none of the ${counted(surveys.length, "mask that was", "masks that were")} looked at holds ${absent.join(", ")} (--mask-values); they hold ${texts(all)}`,
        ];
  return { rule: { kind: "listed", values, others }, notes };
}

/** A listed value as masks of a kind store it; null where they cannot. */
function valueNumber(value: MaskValue, kind: StoredMask["kind"]): number | null {
  if (typeof value === "number") return kind === "colour" ? null : value;
  const colour = parseColour(value);
  return kind === "colour" ? colour : greyOf(colour);
}

/** Whether a stored value is one of those listed. */
export function isListed(
  stored: number,
  { kind, palette }: Pick<StoredMask, "kind" | "palette">,
  values: readonly MaskValue[],
): boolean {
  return values.some((value) => {
    if (kind === "palette") {
      return typeof value === "number" ? stored === value : palette?.[stored] === parseColour(value);
    }
    const wanted = valueNumber(value, kind);
    if (stored === wanted) return true;
    // Masks of few bits, and palettes of greys, may be named by position where the grey is none of theirs.
    const byPosition = typeof value === "number" && palette !== undefined && !palette.includes(value);
    return byPosition && stored === palette[value];
  });
}
