import { throwIfProblems } from "../../core/errors.ts";
import { type ProgressListener, silent } from "../../core/progress.ts";
import { compareImages } from "../duplicates.ts";
import { readPrints } from "../prints/read-prints.ts";
import { findRepeats, MOST_SEARCHED } from "../repeats.ts";
import type { Dataset } from "../types.ts";

/** Which near duplicates are looked for. */
export type AlikeSearch =
  /** Equal images, other light and quality, and parts, mirrored and turned ones: as `inspect` finds them. */
  | "all"
  /** The same, but parts, mirrored and turned ones only among {@link MOST_SEARCHED} images at most. */
  | "bounded"
  /** None. */
  | "none";

/** Two images that are one picture, so that their patients count as one. */
export interface AlikeImages {
  /** Indices into `dataset.samples`, first < second. */
  readonly first: number;
  readonly second: number;
}

/** Images in groups that a split may not divide. */
export interface ImageGroups {
  /** Group of each image, 0, 1, ... in order of first images. */
  readonly groups: Int32Array;
  readonly count: number;
  /** Pairs of images that joined two groups: near duplicates of different patients, or of none. */
  readonly links: readonly AlikeImages[];
  /** What was looked for, one sentence. */
  readonly how: string;
}

/** Sets that are joined one by one; each is named by its smallest member. */
class JoinedSets {
  readonly #parent: Int32Array;

  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, i) => i);
  }

  setOf(i: number): number {
    let root = i;
    while (this.#parent[root] !== root) root = this.#parent[root]!;
    for (let at = i; at !== root; ) {
      const next = this.#parent[at]!;
      this.#parent[at] = root;
      at = next;
    }
    return root;
  }

  /** Joins the sets of two members; false where they are in one already. */
  join(a: number, b: number): boolean {
    const [first, second] = [this.setOf(a), this.setOf(b)];
    if (first === second) return false;
    this.#parent[Math.max(first, second)] = Math.min(first, second);
    return true;
  }
}

/**
 * Groups of images that belong on one side of a split: those of one patient, and near duplicates, so that patients who share
 * a picture are one. Pairs that are in one group already are not compared.
 * @throws GanglionError `image` that lists every image that cannot be read
 */
export async function groupImages(
  dataset: Dataset,
  search: AlikeSearch,
  onProgress: ProgressListener = silent,
): Promise<ImageGroups> {
  const { samples } = dataset;
  const sets = new JoinedSets(samples.length);
  const patients = new Map<string, number>();
  samples.forEach(({ patient }, i) => {
    if (!patient) return;
    const known = patients.get(patient);
    if (known === undefined) patients.set(patient, i);
    else sets.join(known, i);
  });
  const links: AlikeImages[] = [];
  const link = (first: number, second: number) => {
    if (sets.join(first, second)) links.push({ first, second });
  };
  let how = "near duplicates were not looked for";
  if (search !== "none") {
    const { prints, problems } = await readPrints(dataset, { stage: "look for near duplicates", onProgress });
    try {
      throwIfProblems("image", `${dataset.root}: images that cannot be read`, problems);
      const { exact, near } = await compareImages(prints, { onProgress, maxPairs: Number.POSITIVE_INFINITY });
      const without = (i: number) => prints.isFlat(i);
      for (const [first, ...others] of exact) if (!without(first!)) for (const other of others) link(first!, other);
      for (const { first, second } of near) link(first, second);
      const whole = search === "all" || samples.length <= MOST_SEARCHED;
      how = whole
        ? "near duplicates are kept together, also cropped, mirrored and turned ones"
        : `near duplicates are kept together, but cropped, mirrored and turned ones were not looked for among ${samples.length} images`;
      if (whole) {
        const skip = (a: number, b: number) => sets.setOf(a) === sets.setOf(b);
        await findRepeats(prints, { onProgress, without, skip, onRepeat: link });
      }
    } finally {
      prints.close();
    }
  }
  const numbers = new Map<number, number>();
  const groups = Int32Array.from(samples, (_, i) => {
    const root = sets.setOf(i);
    const number = numbers.get(root) ?? numbers.size;
    numbers.set(root, number);
    return number;
  });
  return { groups, count: numbers.size, links, how };
}
