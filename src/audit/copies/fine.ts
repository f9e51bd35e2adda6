import { pauses } from "../../core/pause.ts";
import type { ProgressListener } from "../../core/progress.ts";
import type { ImageSource } from "../../features/extractor.ts";
import { transformSource } from "../../features/pixel-vectors.ts";
import { type Candidates, normalise, subtractBoxMean } from "./coarse.ts";

/** Side at which candidates are compared. */
const FINE_SIDE = 32;
/** Radius in pixels of the box mean taken away for the comparison of fine structure. */
const DETAIL_RADIUS = 2;

/** Part of an image that is compared: its scale and the place of its corner, as shares of the side. */
interface Window {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** The whole image, crops that leave 95 % of the side (5 places) and 90 % (9 places). */
const WINDOWS: readonly Window[] = [
  { scale: 1, x: 0, y: 0 },
  ...[0.025, 0, 0.05]
    .flatMap((x) => [0.025, 0, 0.05].map((y) => ({ scale: 0.95, x, y })))
    .filter(({ x, y }) => (x === 0.025) === (y === 0.025)),
  ...[0, 0.05, 0.1].flatMap((x) => [0, 0.05, 0.1].map((y) => ({ scale: 0.9, x, y }))),
];

/** First source pixel and weights of each output pixel along one axis. */
type Taps = readonly { readonly first: number; readonly weights: readonly number[] }[];

/** Weights of source pixels for each of `to` pixels that cover `scale * from` pixels from `start` on. */
function areaTaps(from: number, to: number, start: number, scale: number): Taps {
  const step = (scale * from) / to;
  return Array.from({ length: to }, (_, i) => {
    const [low, high] = [start * from + i * step, start * from + (i + 1) * step];
    const first = Math.min(from - 1, Math.floor(low + 1e-9));
    const end = Math.max(first + 1, Math.min(from, Math.ceil(high - 1e-9)));
    const weights = Array.from(
      { length: end - first },
      (_, k) => Math.max(0, Math.min(high, first + k + 1) - Math.max(low, first + k)) / step,
    );
    return { first, weights };
  });
}

/** Binomial mean of 3 x 3 pixels, edges repeated: noise between neighbours goes, structure of two pixels and more stays. */
function smooth(plane: Float64Array, side: number): Float64Array {
  const rows = plane.map((value, at) => {
    const x = at % side;
    return (plane[x > 0 ? at - 1 : at]! + 2 * value + plane[x < side - 1 ? at + 1 : at]!) / 4;
  });
  return rows.map((value, at) => {
    const above = at >= side ? at - side : at;
    const below = at + side < rows.length ? at + side : at;
    return (rows[above]! + 2 * value + rows[below]!) / 4;
  });
}

/** Cuts windows out of images and makes the vectors that are compared. */
class FineReader {
  readonly side: number;
  readonly length: number;
  readonly #images: ImageSource;
  readonly #taps: { x: Taps; y: Taps }[];

  constructor(images: ImageSource, side: number) {
    this.#images = images;
    this.side = side;
    this.length = (images.channels + 1) * side * side;
    this.#taps = WINDOWS.map((window) => this.#tapsOf(window));
  }

  #tapsOf({ scale, x, y }: Window): { x: Taps; y: Taps } {
    const { resolution } = this.#images;
    return { x: areaTaps(resolution, this.side, x, scale), y: areaTaps(resolution, this.side, y, scale) };
  }

  /** Pixels of one image, uint8 `CHW`. */
  bytes(index: number): Uint8Array {
    const { channels, resolution } = this.#images;
    const out = new Uint8Array(channels * resolution ** 2);
    this.#images.readInto([index], out);
    return out;
  }

  /** The whole of one image: the colours, of mean 0 a channel and together of length 1, then the fine structure of grey, of length 1. */
  whole(index: number): Float32Array {
    const { x, y } = this.#taps[0]!;
    return this.#vector(this.bytes(index), x, y);
  }

  /** The same for each of the {@link WINDOWS}. */
  windows(index: number): Float32Array[] {
    const bytes = this.bytes(index);
    return this.#taps.map(({ x, y }) => this.#vector(bytes, x, y));
  }

  /** The same for any window. */
  cut(bytes: Uint8Array, window: Window): Float32Array {
    const { x, y } = this.#tapsOf(window);
    return this.#vector(bytes, x, y);
  }

  #vector(bytes: Uint8Array, xTaps: Taps, yTaps: Taps): Float32Array {
    const { channels, resolution } = this.#images;
    const { side } = this;
    const area = side * side;
    const colours = new Float64Array(channels * area);
    const grey = new Float64Array(area);
    const row = new Float64Array(resolution);
    for (let c = 0; c < channels; c++) {
      const from = c * resolution * resolution;
      const plane = colours.subarray(c * area, (c + 1) * area);
      for (let i = 0; i < side; i++) {
        row.fill(0);
        yTaps[i]!.weights.forEach((weight, k) => {
          const at = from + (yTaps[i]!.first + k) * resolution;
          for (let j = 0; j < resolution; j++) row[j]! += weight * bytes[at + j]!;
        });
        for (let j = 0; j < side; j++) {
          const { first, weights } = xTaps[j]!;
          let sum = 0;
          for (let k = 0; k < weights.length; k++) sum += weights[k]! * row[first + k]!;
          plane[i * side + j] = sum;
          grey[i * side + j]! += sum / channels;
        }
      }
      let mean = 0;
      for (const value of plane) mean += value / area;
      for (let i = 0; i < area; i++) plane[i]! -= mean;
    }
    normalise(colours);
    const detail = subtractBoxMean(smooth(grey, side), side, DETAIL_RADIUS);
    normalise(detail);
    const out = new Float32Array(this.length);
    out.set(colours);
    out.set(detail, channels * area);
    return out;
  }
}

/** The nearest target of each query. */
export interface FinePairs {
  /** Index of the target; -1 where there is no candidate. */
  readonly target: Int32Array;
  /** Index into TRANSFORMS: the position in which the query is nearest. */
  readonly transform: Uint8Array;
  /** Geometric mean of the distances of colours and of fine structure, 0 (equal up to brightness and contrast) to 2. */
  readonly distance: Float64Array;
  /** `distance` divided by that of the nearest target of another group (patient); 0 a copy, about 1 nothing special. */
  readonly ratio: Float64Array;
  /** Geometric mean of `distance` and `ratio`, by which copies are told: near to one image, and to no other. */
  readonly score: Float64Array;
}

/** Steps by which the window of the nearest target is moved and scaled to fit better, shares of the side. */
const REFINEMENTS = [0.025, 0.0125];
/** Smallest scale of a window. */
const MIN_SCALE = 0.88;

/** Distance of two vectors of {@link FineReader}. */
function jointDistance(a: Float32Array, b: Float32Array, colours: number): number {
  let colour = 0;
  for (let p = 0; p < colours; p++) colour += a[p]! * b[p]!;
  let fine = 0;
  for (let p = colours; p < a.length; p++) fine += a[p]! * b[p]!;
  return Math.sqrt(Math.sqrt(Math.max(0, 2 - 2 * colour) * Math.max(0, 2 - 2 * fine)));
}

/**
 * Compares each query with its candidates pixel by pixel: the smallest distance over the {@link WINDOWS} of the target,
 * in the position of the candidate; the window of the nearest is then fitted more finely.
 * @param groups Group of each target.
 */
export async function compareCandidates(
  targets: ImageSource,
  queries: ImageSource,
  candidates: Candidates,
  groups: Int32Array,
  onProgress?: ProgressListener,
): Promise<FinePairs> {
  const pause = pauses();
  const side = Math.min(FINE_SIDE, targets.resolution, queries.resolution);
  const colours = targets.channels * side * side;
  const own = new FineReader(queries, side);
  const other = new FineReader(targets, side);
  const { count } = queries;
  const best = new Int32Array(count).fill(-1);
  const transforms = new Uint8Array(count);
  const windows = new Uint8Array(count);
  const distance = new Float64Array(count).fill(2);
  const second = new Float64Array(count).fill(2);
  const farthest = new Float64Array(count);
  const sources = Array.from({ length: 8 }, (_, t) => transformSource(t, side));
  const { order, starts } = byTarget(candidates, targets.count);
  const vectors = new Float32Array(count * own.length);
  for (let query = 0; query < count; query++) vectors.set(own.whole(query), query * own.length);
  const turned = new Float32Array(own.length);
  const turn = (query: number, transform: number): void => {
    const source = sources[transform]!;
    for (let plane = 0; plane < own.length; plane += source.length) {
      const from = query * own.length + plane;
      for (let p = 0; p < source.length; p++) turned[plane + p] = vectors[from + source[p]!]!;
    }
  };
  for (let target = 0; target < targets.count; target++) {
    if (starts[target] === starts[target + 1]) continue;
    const cuts = other.windows(target);
    for (let at = starts[target]!; at < starts[target + 1]!; at++) {
      const query = Math.floor(order[at]! / candidates.kept);
      const transform = candidates.transform[order[at]!]!;
      turn(query, transform);
      let near = 2;
      let window = 0;
      for (let w = 0; w < cuts.length; w++) {
        const found = jointDistance(turned, cuts[w]!, colours);
        if (found < near) [near, window] = [found, w];
      }
      farthest[query] = Math.max(farthest[query]!, near);
      const same = best[query]! >= 0 && groups[best[query]!] === groups[target];
      if (near < distance[query]!) {
        if (!same) second[query] = distance[query]!;
        [distance[query], best[query], transforms[query], windows[query]] = [near, target, transform, window];
      } else if (!same && near < second[query]!) second[query] = near;
    }
    if (await pause()) onProgress?.({ stage: "compare", done: target + 1, total: targets.count, unit: "images" });
  }
  for (let query = 0; query < count; query++) {
    if (best[query]! < 0) continue;
    turn(query, transforms[query]!);
    const bytes = other.bytes(best[query]!);
    distance[query] = refine(WINDOWS[windows[query]!]!, distance[query]!, (window) =>
      jointDistance(turned, other.cut(bytes, window), colours),
    );
  }
  // Where all candidates are of one patient, the farthest of them stands for the others: nothing is called a copy for that.
  const ratio = distance.map((value, i) => value / Math.max(second[i]! < 2 ? second[i]! : farthest[i]!, 1e-6));
  const score = distance.map((value, i) => Math.sqrt(value * ratio[i]!));
  return { target: best, transform: transforms, distance, ratio, score };
}

/** The smallest distance near a window, one of scale and place changed at a time, by ever smaller steps. */
function refine(from: Window, start: number, distanceOf: (window: Window) => number): number {
  let [window, near] = [from, start];
  for (const step of REFINEMENTS) {
    for (const [scale, x, y] of [
      [-1, 0.5, 0.5],
      [1, -0.5, -0.5],
      [0, 1, 0],
      [0, -1, 0],
      [0, 0, 1],
      [0, 0, -1],
    ]) {
      const next = { scale: window.scale + scale! * step, x: window.x + x! * step, y: window.y + y! * step };
      next.scale = Math.min(1, next.scale);
      if (next.scale < MIN_SCALE) continue;
      next.x = Math.max(0, Math.min(1 - next.scale, next.x));
      next.y = Math.max(0, Math.min(1 - next.scale, next.y));
      const found = distanceOf(next);
      if (found < near) [window, near] = [next, found];
    }
  }
  return near;
}

/** Slots of the candidates ordered by their target: those of target i are order[starts[i]..starts[i + 1]). */
function byTarget({ target }: Candidates, count: number): { order: Int32Array; starts: Int32Array } {
  const starts = new Int32Array(count + 1);
  for (const index of target) if (index >= 0) starts[index + 1]!++;
  for (let i = 0; i < count; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice();
  const order = new Int32Array(starts[count]!);
  target.forEach((index, slot) => {
    if (index >= 0) order[next[index]!++] = slot;
  });
  return { order, starts };
}
