import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { type ProgressListener, silent } from "../../core/progress.ts";
import { findDuplicates, type ImageFingerprint, imageFingerprint } from "../duplicates.ts";
import { isFlat } from "../image.ts";
import { asProblem } from "../image-problems.ts";
import { mapLimited } from "../parallel.ts";
import { readImage } from "../pixels.ts";
import { findRepeats } from "../repeats.ts";
import type { Dataset } from "../types.ts";

/** Which near duplicates are looked for. */
export type AlikeSearch =
  /** Equal images, other light and quality, and parts, mirrored and turned ones: as `inspect` finds them. */
  | "all"
  /** The same, but parts, mirrored and turned ones only among 3,000 images at most. */
  | "bounded"
  /** None. */
  | "none";

/** Images among which `bounded` looks for parts, mirrored and turned copies: about 10 ms of one core each. */
const MOST_REPEATS = 3_000;

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

/** Fingerprints of all images; null for one of a single value. @throws GanglionError `image` with every image that cannot be read */
async function readPrints(dataset: Dataset, onProgress: ProgressListener): Promise<(ImageFingerprint | null)[]> {
  const { samples } = dataset;
  const problems: Problem[] = [];
  let done = 0;
  const prints = await mapLimited(samples, 4, async ({ fileName }, index) => {
    let found: ImageFingerprint | null = null;
    try {
      const image = await readImage(dataset, index);
      if (!isFlat(image)) found = imageFingerprint(image);
    } catch (cause) {
      if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
      problems.push(asProblem(cause, fileName));
    }
    onProgress({ stage: "look for near duplicates", done: ++done, total: samples.length, unit: "images" });
    return found;
  });
  problems.sort((a, b) => (a.path < b.path ? -1 : 1));
  throwIfProblems("image", `${dataset.root}: images that cannot be read`, problems);
  return prints;
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
    const prints = await readPrints(dataset, onProgress);
    const seen = [...prints.keys()].filter((i) => prints[i] !== null);
    const known = seen.map((i) => prints[i]!);
    const { exact, near } = await findDuplicates(known, { onProgress, maxPairs: Number.POSITIVE_INFINITY });
    for (const [first, ...others] of exact) for (const other of others) link(seen[first!]!, seen[other]!);
    for (const { first, second } of near) link(seen[first]!, seen[second]!);
    const whole = search === "all" || seen.length <= MOST_REPEATS;
    how = whole
      ? "near duplicates are kept together, also cropped, mirrored and turned ones"
      : `near duplicates are kept together, but cropped, mirrored and turned ones were not looked for among ${samples.length} images`;
    if (whole) {
      const skip = (a: number, b: number) => sets.setOf(seen[a]!) === sets.setOf(seen[b]!);
      const onRepeat = (a: number, b: number) => link(seen[a]!, seen[b]!);
      await findRepeats(
        known.map(({ thumbnail }) => thumbnail),
        { onProgress, skip, onRepeat },
      );
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
