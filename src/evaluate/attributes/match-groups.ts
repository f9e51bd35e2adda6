import { Rng } from "../../core/rng.ts";
import { sum } from "../../math/mean.ts";
import { type FloorSets, floorSets, type MatchedSets, matchClassCounts } from "../matching.ts";
import type { AttributeGroups } from "./read-groups.ts";

/** Class per image of each set, index into the real classes. */
export interface ClassLabels {
  readonly real: ArrayLike<number>;
  readonly synthetic: ArrayLike<number>;
  readonly holdout?: ArrayLike<number> | undefined;
  /** Number of classes. */
  readonly classes: number;
}

/**
 * `stated`: real against synthetic images of the same group. `class-mix`: the synthetic set does not state the attribute, so
 * the real images of the group are compared with synthetic images of the group's class counts, whatever they show.
 */
type GroupProtocol = "stated" | "class-mix";

/** The images compared for one group, and its floor. */
interface MatchedGroup {
  readonly value: string;
  /** Real images of the group. */
  readonly real: number;
  /** Synthetic images of the group; null where the synthetic set does not state the attribute. */
  readonly synthetic: number | null;
  readonly matched: MatchedSets;
  readonly floor: FloorSets;
}

const indicesOf = (groups: Int16Array, value: number): Int32Array =>
  Int32Array.from([...groups.keys()].filter((i) => groups[i] === value));

const everyIndex = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

const labelsAt = (labels: ArrayLike<number>, indices: Int32Array): Uint16Array =>
  Uint16Array.from(indices, (i) => labels[i]!);

/** Turns indices into a part into indices into the whole. */
const within = (part: Int32Array, chosen: Int32Array): Int32Array => chosen.map((i) => part[i]!);

function listsByClass(indices: Int32Array, labels: ArrayLike<number>, classes: number, rng: Rng): Int32Array[] {
  const lists: number[][] = Array.from({ length: classes }, () => []);
  for (const i of indices) lists[labels[i]!]!.push(i);
  return lists.map((list) => rng.shuffle(Int32Array.from(list)));
}

const joined = (lists: readonly Int32Array[]): Int32Array => Int32Array.from(lists.flatMap((list) => [...list.sort()]));

/**
 * Floor of a group that the synthetic set does not know: real images of the group against other real images of the same
 * class counts, drawn from all groups. A generator that draws the real distribution and knows no groups reaches it.
 */
function classMixFloor(group: Int32Array, wanted: readonly number[], labels: ClassLabels, seed: number): FloorSets {
  const { classes } = labels;
  const own = listsByClass(group, labels.real, classes, new Rng(seed, "group floor", "own"));
  const held =
    labels.holdout === undefined
      ? []
      : listsByClass(everyIndex(labels.holdout.length), labels.holdout, classes, new Rng(seed, "group floor", "held"));
  const fromHeld = own.map((list, c) => Math.min(wanted[c]!, list.length, held[c]?.length ?? 0));
  const all = listsByClass(everyIndex(labels.real.length), labels.real, classes, new Rng(seed, "group floor", "all"));
  // The other side is drawn from all groups; it takes some of the group's own images, which are then missing here.
  const first: Int32Array[] = [];
  const second: Int32Array[] = [];
  for (let c = 0; c < classes; c++) {
    const share = own[c]!.length / Math.max(1, all[c]!.length);
    const most = Math.min(wanted[c]!, Math.floor(own[c]!.length / (1 + share)));
    const others = all[c]!.subarray(0, most);
    const taken = new Set(others);
    const left = own[c]!.filter((i) => !taken.has(i));
    const n = Math.min(most, left.length);
    first.push(left.slice(0, n));
    second.push(others.slice(0, n));
  }
  const counts = first.map((list) => list.length);
  if (sum(fromHeld) > sum(counts)) {
    return {
      from: "holdout",
      first: joined(own.map((list, c) => list.slice(0, fromHeld[c]))),
      second: joined(held.map((list, c) => list.slice(0, fromHeld[c]))),
      counts: fromHeld,
    };
  }
  return { from: "halves", first: joined(first), second: joined(second), counts };
}

/** Floor of a group that every set states: as {@link floorSets}, within the group. */
function statedFloor(
  own: Int32Array,
  held: Int32Array | undefined,
  wanted: readonly number[],
  labels: ClassLabels,
  seed: number,
): FloorSets {
  const heldLabels = held === undefined ? undefined : labelsAt(labels.holdout as ArrayLike<number>, held);
  const floor = floorSets(labelsAt(labels.real, own), heldLabels, wanted, seed);
  const second = floor.from === "holdout" ? (held as Int32Array) : own;
  return { ...floor, first: within(own, floor.first), second: within(second, floor.second) };
}

/** An attribute with the images compared for each of its groups. */
export interface MatchedAttribute {
  /** Column of the real dataset. */
  readonly column: string;
  readonly protocol: GroupProtocol;
  /** Group per real image, index into `groups`; -1 where it is of none. */
  readonly realGroups: Int16Array;
  /** Real images that belong to no group: unstated, or of a group that is left out. */
  readonly unstated: number;
  /** The same of the synthetic images; null where they do not state the attribute. */
  readonly unstatedSynthetic: number | null;
  /** Names of real groups that are left out, the smallest ones. */
  readonly leftOut: readonly string[];
  readonly groups: readonly MatchedGroup[];
}

/**
 * Chooses the images of each group of an attribute, real and synthetic of equal class counts, and those of its floor.
 * @param most Most images per class. Defaults to no limit.
 */
export function matchGroups(
  groups: AttributeGroups,
  labels: ClassLabels,
  seed: number,
  most?: readonly number[],
): MatchedAttribute {
  const { classes } = labels;
  const stated = groups.synthetic !== null;
  const matched = groups.values.map((value, v): MatchedGroup => {
    const real = indicesOf(groups.real, v);
    const synthetic = groups.synthetic === null ? everyIndex(labels.synthetic.length) : indicesOf(groups.synthetic, v);
    const [own, other] = [labelsAt(labels.real, real), labelsAt(labels.synthetic, synthetic)];
    const found = matchClassCounts(own, other, classes, seed, most);
    const matched = { ...found, first: within(real, found.first), second: within(synthetic, found.second) };
    const held = groups.holdout === null ? undefined : indicesOf(groups.holdout, v);
    const floor = stated
      ? statedFloor(real, held, found.counts, labels, seed)
      : classMixFloor(real, found.counts, labels, seed);
    return { value, real: real.length, synthetic: stated ? synthetic.length : null, matched, floor };
  });
  return {
    column: groups.column,
    protocol: stated ? "stated" : "class-mix",
    realGroups: groups.real,
    unstated: indicesOf(groups.real, -1).length,
    unstatedSynthetic: groups.synthetic === null ? null : indicesOf(groups.synthetic, -1).length,
    leftOut: groups.leftOut,
    groups: matched,
  };
}
