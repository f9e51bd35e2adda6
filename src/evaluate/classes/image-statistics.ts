import { type ImageSource, selectImages } from "../../features/extractor.ts";
import { resizeArea } from "../../features/resize.ts";
import { type Matrix, matrix } from "../../math/linear/linear64.ts";
import { quantile } from "../../math/quantile.ts";

/** Images are area-averaged to at most this side, a multiple of 4. */
const SIDE = 32;
const RINGS = 4;
const QUANTILES = [0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98] as const;
/** An octave is taken off down to the second side; asymmetry is that of the image at most as large as the first. */
const [COARSE, COARSEST] = [8, 4];
/** Images read at a time. */
const CHUNK = 256;

const known = new Map<string, Int32Array>();

/** Number of the ring about the centre that each pixel is in, from the inside; the corners are in the last one. */
function ringsOf(side: number, rings: number): Int32Array {
  const key = `${side}/${rings}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const centre = (side - 1) / 2;
  const drawn = Int32Array.from({ length: side * side }, (_, i) => {
    const distance = Math.hypot((i % side) - centre, Math.floor(i / side) - centre);
    return Math.min(rings - 1, Math.floor((distance * rings) / (side / 2)));
  });
  known.set(key, drawn);
  return drawn;
}

/** Brightness and the differences red - green and yellow - blue; grey as it is. `planes` is changed. */
function opponent(planes: Float64Array, area: number): void {
  for (let i = 0; i < area; i++) {
    const [red, green, blue] = [planes[i]!, planes[area + i]!, planes[2 * area + i]!];
    planes[i] = (red + green + blue) / 3;
    planes[area + i] = red - green;
    planes[2 * area + i] = (red + green) / 2 - blue;
  }
}

/** A plane at half the side, and what that leaves out. */
function halved(plane: Float64Array, side: number): { small: Float64Array; rest: Float64Array } {
  const half = side / 2;
  const small = new Float64Array(half * half);
  const rest = new Float64Array(plane.length);
  for (let y = 0; y < half; y++) {
    for (let x = 0; x < half; x++) {
      const at = 2 * (y * side + x);
      const places = [at, at + 1, at + side, at + side + 1];
      let mean = 0;
      for (const place of places) mean += plane[place]! / 4;
      small[y * half + x] = mean;
      for (const place of places) rest[place] = plane[place]! - mean;
    }
  }
  return { small, rest };
}

/** Mean and standard deviation of the pixels of each ring. */
function ringMoments(plane: Float64Array, rings: Int32Array, count: number): number[] {
  const [n, sum, squares] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < plane.length; i++) {
    n[rings[i]!]!++;
    sum[rings[i]!]! += plane[i]!;
    squares[rings[i]!]! += plane[i]! ** 2;
  }
  return [...n].flatMap((pixels, r) => {
    const mean = sum[r]! / Math.max(1, pixels);
    return [mean, Math.sqrt(Math.max(0, squares[r]! / Math.max(1, pixels) - mean * mean))];
  });
}

/** Logarithms of the mean magnitude and the mean square of a band, inside and outside of half the radius. */
function bandEnergy(band: Float64Array, zones: Int32Array): number[] {
  const [n, magnitude, square] = [new Float64Array(2), new Float64Array(2), new Float64Array(2)];
  for (let i = 0; i < band.length; i++) {
    n[zones[i]!]!++;
    magnitude[zones[i]!]! += Math.abs(band[i]!);
    square[zones[i]!]! += band[i]! ** 2;
  }
  return [0, 1].flatMap((zone) => {
    const pixels = Math.max(1, n[zone]!);
    return [Math.log(magnitude[zone]! / pixels + 1e-4), Math.log(square[zone]! / pixels + 1e-6)];
  });
}

/** Root mean squared differences of a plane from its two mirror images (summed) and from its half turn. */
function asymmetry(plane: Float64Array, side: number): number[] {
  let [rows, columns, turned] = [0, 0, 0];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const own = plane[y * side + x]!;
      const [up, left] = [side - 1 - y, side - 1 - x];
      rows += (own - plane[up * side + x]!) ** 2;
      columns += (own - plane[y * side + left]!) ** 2;
      turned += (own - plane[up * side + left]!) ** 2;
    }
  }
  return [Math.sqrt(rows / plane.length) + Math.sqrt(columns / plane.length), Math.sqrt(turned / plane.length)];
}

function momentsOf(plane: Float64Array): { mean: number; deviation: number; skewness: number } {
  let [mean, square, cube] = [0, 0, 0];
  for (const value of plane) mean += value / plane.length;
  for (const value of plane) {
    square += (value - mean) ** 2 / plane.length;
    cube += (value - mean) ** 3 / plane.length;
  }
  const deviation = Math.sqrt(square);
  return { mean, deviation, skewness: cube / (deviation ** 3 + 1e-6) };
}

function statisticsOf(planes: Float64Array, channels: 1 | 3, side: number, rings: Int32Array): number[] {
  const area = side * side;
  if (channels === 3) opponent(planes, area);
  const all = Array.from({ length: channels }, (_, c) => planes.subarray(c * area, (c + 1) * area));
  const out: number[] = [];
  const moments = all.map(momentsOf);
  for (const [c, plane] of all.entries()) {
    out.push(...ringMoments(plane, rings, RINGS));
    const sorted = plane.slice().sort();
    out.push(...QUANTILES.map((q) => quantile(sorted, q)), moments[c]!.skewness);
    let [whole, size]: [Float64Array, number] = [plane, side];
    while (size % 2 === 0 && size > COARSEST) {
      const { small, rest } = halved(whole, size);
      out.push(...bandEnergy(rest, ringsOf(size, 2)));
      [whole, size] = [small, size / 2];
      if (size <= COARSE && size > COARSEST) out.push(...asymmetry(whole, size));
    }
  }
  for (const [a, b] of channels === 3
    ? ([
        [0, 1],
        [0, 2],
        [1, 2],
      ] as const)
    : []) {
    let product = 0;
    for (let i = 0; i < area; i++)
      product += ((all[a]![i]! - moments[a]!.mean) * (all[b]![i]! - moments[b]!.mean)) / area;
    out.push(product / ((moments[a]!.deviation + 1e-4) * (moments[b]!.deviation + 1e-4)));
  }
  return out;
}

/**
 * Fixed statistics of each image, which nothing has learned: of brightness and two colour differences their moments in
 * four rings about the centre, quantiles, skewness, the energy of bands of one octave (differences of area averages) in
 * the middle and outside, asymmetry, and the correlations of the three. Flips and quarter turns leave them as they are.
 * @param indices images that are read; area-averaged to at most 32 px
 * @returns `[indices.length, d]`, d the same for all images of one size and number of channels
 */
export function imageStatistics(images: ImageSource, indices: ArrayLike<number>): Matrix {
  const { resolution, channels } = images;
  const most = Math.min(SIDE, resolution);
  const side = most < 4 ? most : 4 * Math.floor(most / 4);
  const rings = ringsOf(side, RINGS);
  const size = channels * side * side;
  const rows: number[][] = [];
  const chosen = selectImages(images, indices);
  for (let start = 0; start < indices.length; start += CHUNK) {
    const n = Math.min(CHUNK, indices.length - start);
    const bytes = new Uint8Array(n * channels * resolution * resolution);
    chosen.readInto(
      Int32Array.from({ length: n }, (_, i) => start + i),
      bytes,
    );
    const planes = resizeArea(bytes, n * channels, resolution, side);
    for (let i = 0; i < n; i++) {
      rows.push(statisticsOf(planes.subarray(i * size, (i + 1) * size), channels, side, rings));
    }
  }
  const d = rows[0]?.length ?? 0;
  return matrix(rows.length, d, Float64Array.from(rows.flat()));
}
