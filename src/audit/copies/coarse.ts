import type { ProgressListener } from "../../core/progress.ts";
import type { ImageSource } from "../../features/extractor.ts";
import { TRANSFORMS, transformVectors } from "../../features/pixel-vectors.ts";
import { resizeArea } from "../../features/resize.ts";
import { type Linear64, type Matrix, matrix } from "../../math/linear/linear64.ts";

/** Side of the images by which candidates are found. */
const COARSE_SIDE = 16;
/** Radius in pixels of the box mean that is taken away from the second plane. */
const BAND_RADIUS = 2;
/** Candidates kept for each image; a pair may be among them in several of the eight positions. */
const CANDIDATES = 16;
/** Images read at a time. */
const BLOCK = 1024;

/** Grey planes `[n, side²]`, range 0..1: the mean of the channels, area-averaged. */
function greyPlanes(images: ImageSource, indices: ArrayLike<number>, side: number): Float64Array {
  const { channels, resolution } = images;
  const bytes = new Uint8Array(indices.length * channels * resolution ** 2);
  images.readInto(indices, bytes);
  const planes = resizeArea(bytes, indices.length * channels, resolution, side);
  if (channels === 1) return planes;
  const area = side * side;
  const grey = new Float64Array(indices.length * area);
  for (let i = 0; i < indices.length; i++) {
    for (let p = 0; p < area; p++) {
      const at = 3 * i * area + p;
      grey[i * area + p] = (planes[at]! + planes[at + area]! + planes[at + 2 * area]!) / 3;
    }
  }
  return grey;
}

/** Subtracts from each pixel the mean of the box around it (radius in pixels, cut off at the edges): fine structure stays. */
export function subtractBoxMean(plane: Float64Array, side: number, radius: number): Float64Array {
  const rows = new Float64Array(plane.length);
  const out = new Float64Array(plane.length);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [from, to] = [Math.max(0, x - radius), Math.min(side - 1, x + radius)];
      let sum = 0;
      for (let k = from; k <= to; k++) sum += plane[y * side + k]!;
      rows[y * side + x] = sum / (to - from + 1);
    }
  }
  for (let y = 0; y < side; y++) {
    const [from, to] = [Math.max(0, y - radius), Math.min(side - 1, y + radius)];
    for (let x = 0; x < side; x++) {
      let sum = 0;
      for (let k = from; k <= to; k++) sum += rows[k * side + x]!;
      out[y * side + x] = plane[y * side + x]! - sum / (to - from + 1);
    }
  }
  return out;
}

/** Takes the mean away and scales to length 1 in place, so that brightness and contrast do not count; a flat list becomes zeros. */
export function normalise(values: Float64Array, length = 1): void {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    values[i]! -= mean;
    sum += values[i]! * values[i]!;
  }
  const scale = sum > 1e-12 ? length / Math.sqrt(sum) : 0;
  for (let i = 0; i < values.length; i++) values[i]! *= scale;
}

/**
 * Two planes an image at 16 px, grey and grey less its surroundings, each of mean 0 and squared length 1/2: the inner
 * product of two rows is the mean of the two correlations.
 * @returns `[n, 2 * side²]`
 */
export function coarseVectors(images: ImageSource): Matrix {
  const side = Math.min(COARSE_SIDE, images.resolution);
  const area = side * side;
  const out = matrix(images.count, 2 * area);
  for (let start = 0; start < images.count; start += BLOCK) {
    const n = Math.min(BLOCK, images.count - start);
    const grey = greyPlanes(
      images,
      Int32Array.from({ length: n }, (_, i) => start + i),
      side,
    );
    for (let i = 0; i < n; i++) {
      const plane = grey.slice(i * area, (i + 1) * area);
      const band = subtractBoxMean(plane, side, BAND_RADIUS);
      normalise(plane, Math.SQRT1_2);
      normalise(band, Math.SQRT1_2);
      out.data.set(plane, (start + i) * 2 * area);
      out.data.set(band, (start + i) * 2 * area + area);
    }
  }
  return out;
}

/** For each query {@link CANDIDATES} target images with the transform of the query that brings each nearest. */
export interface Candidates {
  /** Length queries * kept. */
  readonly target: Int32Array;
  /** Index into TRANSFORMS, length queries * kept. */
  readonly transform: Uint8Array;
  readonly kept: number;
}

export interface CandidateOptions {
  /** Group of each target and of each query: pairs of the same group are no candidates. Defaults to none. */
  readonly groups?: { readonly targets: Int32Array; readonly queries: Int32Array };
  readonly onProgress?: ProgressListener | undefined;
  readonly stage?: string;
}

/** The candidates of each query by correlation over the eight flips and rotations, exhaustive. */
export async function findCandidates(
  targets: Matrix,
  queries: Matrix,
  linear: Linear64,
  { groups, onProgress, stage = "copies" }: CandidateOptions = {},
): Promise<Candidates> {
  const kept = Math.min(CANDIDATES, targets.rows * TRANSFORMS.length);
  const side = Math.sqrt(targets.columns / 2);
  const score = new Float64Array(queries.rows * kept).fill(Number.NEGATIVE_INFINITY);
  const target = new Int32Array(queries.rows * kept).fill(-1);
  const transform = new Uint8Array(queries.rows * kept);
  const limit = new Float64Array(queries.rows).fill(Number.NEGATIVE_INFINITY);
  for (let t = 0; t < TRANSFORMS.length && kept > 0 && queries.rows > 0; t++) {
    const turned = { ...transformVectors(queries, side, t) };
    await linear.innerProducts(targets, turned, ({ rowStart, rows, columnStart, columns, stride, values }) => {
      for (let i = 0; i < rows; i++) {
        const row = rowStart + i;
        for (let j = 0, at = i * stride; j < columns; j++, at++) {
          const query = columnStart + j;
          const value = values[at]!;
          if (value <= limit[query]!) continue;
          if (groups !== undefined && groups.targets[row] === groups.queries[query]) continue;
          let place = query * kept + kept - 1;
          while (place > query * kept && score[place - 1]! < value) {
            score[place] = score[place - 1]!;
            target[place] = target[place - 1]!;
            transform[place] = transform[place - 1]!;
            place--;
          }
          score[place] = value;
          target[place] = row;
          transform[place] = t;
          limit[query] = score[query * kept + kept - 1]!;
        }
      }
    });
    onProgress?.({ stage, done: t + 1, total: TRANSFORMS.length, unit: "turns" });
  }
  return { target, transform, kept };
}
