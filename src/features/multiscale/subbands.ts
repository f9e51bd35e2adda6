import { lowCosines } from "./cosines.ts";
import { cellMeans, halved, type Plane } from "./planes.ts";
import type { Octave } from "./pyramid.ts";

/** Added to amplitudes before their logarithm, in units of the range of a byte: less than half a grey level. */
const LEAST = 1 / 512;
const LEAST_SQUARE = LEAST * LEAST;

const root = Math.sqrt;
const logarithm = (amplitude: number): number => Math.log(amplitude + LEAST);

const meanSquare = ({ data }: Plane): number => {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]! * data[i]!;
  return sum / data.length;
};

/** Correlation of two lists of numbers; 0 where one of them hardly varies. */
export function correlation(a: Float64Array, b: Float64Array): number {
  let [x, y, xx, yy, xy] = [0, 0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i]!, b[i]!];
    x += p;
    y += q;
    xx += p * p;
    yy += q * q;
    xy += p * q;
  }
  const n = a.length;
  const spread = (square: number, sum: number) => square / n - (sum / n) ** 2 + LEAST_SQUARE / 16;
  return (xy / n - (x / n) * (y / n)) / root(spread(xx, x) * spread(yy, y));
}

/** Logarithms of the root mean square of each band: differences of neighbouring octaves, then that of the coarsest. */
export function spectrum(octaves: readonly Octave[]): number[] {
  const levels = octaves.map(({ band }) => logarithm(root(meanSquare(band))));
  return levels.map((level, k) => level - (levels[k + 1] ?? 0));
}

/** Shape of the distribution of a band, by moments that no outlier dominates: how sparse and how skewed it is. */
export function marginal({ band }: Octave): number[] {
  const { data } = band;
  const power = meanSquare(band) + LEAST_SQUARE / 16;
  let absolute = 0;
  let skew = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    absolute += Math.abs(value);
    skew += value / root(value * value + power);
  }
  return [Math.log((absolute / data.length + LEAST / 4) / root(power)), skew / data.length];
}

/** Correlation of a band with itself one pixel aside (across, down, diagonal), and of its magnitudes two pixels aside. */
export function autocorrelation({ band: { side, data } }: Octave): number[] {
  let [across, down, diagonal, power] = [0, 0, 0, 0];
  let [m, mm, far, count] = [0, 0, 0, 0];
  for (let y = 0; y + 2 < side; y++) {
    for (let x = 0, i = y * side; x + 2 < side; x++, i++) {
      const value = data[i]!;
      power += value * value;
      across += value * data[i + 1]!;
      down += value * data[i + side]!;
      diagonal += value * data[i + side + 1]!;
      const size = Math.abs(value);
      m += size;
      mm += size * size;
      far += size * (Math.abs(data[i + 2]!) + Math.abs(data[i + 2 * side]!)) * 0.5;
      count++;
    }
  }
  if (count === 0) return [0, 0, 0, 0];
  const variance = power + (count * LEAST_SQUARE) / 16;
  const spread = mm - (m * m) / count + (count * LEAST_SQUARE) / 16;
  return [across / variance, down / variance, diagonal / variance, (far - (m * m) / count) / spread];
}

/** Side of the blocks over which the direction of gradients is called coherent, in pixels of the octave. */
const BLOCK = 4;
/** Cells along a side of the grids whose layout is described. */
const CELLS = 4;

/**
 * Gradients of an octave: logarithm of their root mean square; their direction over the whole picture (cosine and sine of
 * twice the angle); how coherent it is in blocks (structure tensor: 1 of straight edges, 0 of all directions alike); the
 * diagonal second difference beside the gradient, which is large of checkerboards; and the layout of directions.
 */
export function gradients({ plane: { side, data } }: Octave): number[] {
  const inner = side - 2;
  const blocks = Math.max(1, Math.floor(inner / BLOCK));
  const sums = new Float64Array(blocks * blocks * 3);
  let checker = 0;
  for (let y = 0; y < inner; y++) {
    const row = Math.min(blocks - 1, Math.floor(y / BLOCK)) * blocks;
    for (let x = 0, i = (y + 1) * side + 1; x < inner; x++, i++) {
      const gx = (data[i + 1]! - data[i - 1]!) / 2;
      const gy = (data[i + side]! - data[i - side]!) / 2;
      const diagonal = data[i]! - data[i + 1]! - data[i + side]! + data[i + side + 1]!;
      checker += diagonal * diagonal;
      const at = 3 * (row + Math.min(blocks - 1, x >> 2));
      sums[at]! += gx * gx;
      sums[at + 1]! += gy * gy;
      sums[at + 2]! += gx * gy;
    }
  }
  const total = [0, 0, 0];
  let coherent = 0;
  const straight = new Float64Array(blocks * blocks);
  const oblique = new Float64Array(blocks * blocks);
  for (let k = 0; k < blocks * blocks; k++) {
    const [xx, yy, xy] = [sums[3 * k]!, sums[3 * k + 1]!, sums[3 * k + 2]!];
    total[0]! += xx;
    total[1]! += yy;
    total[2]! += xy;
    const length = root((xx - yy) ** 2 + 4 * xy * xy);
    coherent += length;
    // Amplitude along the direction, so that a strong edge does not hide the weak ones.
    const scale = 1 / root(length + LEAST_SQUARE);
    straight[k] = (xx - yy) * scale;
    oblique[k] = 2 * xy * scale;
  }
  const n = inner * inner;
  const energy = total[0]! + total[1]! + (n * LEAST_SQUARE) / 16;
  const layout = (grid: Float64Array) => {
    const cells = cellMeans({ side: blocks, data: grid }, Math.min(CELLS, blocks));
    let level = LEAST;
    for (const value of cells) level += Math.abs(value) / cells.length;
    return lowCosines(
      cells.map((value) => value / level),
      0,
      Math.min(2, CELLS - 1, Math.min(CELLS, blocks) - 1),
    );
  };
  return [
    logarithm(root(energy / n)),
    (total[0]! - total[1]!) / energy,
    (2 * total[2]!) / energy,
    coherent / energy,
    0.5 * Math.log((checker / n + LEAST_SQUARE) / (energy / n + LEAST_SQUARE)),
    ...layout(straight),
    ...layout(oblique),
  ];
}

const magnitudes = ({ side, data }: Plane): Plane => ({ side, data: data.map(Math.abs) });

/** Correlation of the magnitudes of a band with those of the next coarser one, at the pixels of that one. */
export function persistence(fine: Octave, coarse: Octave): number {
  return correlation(halved(magnitudes(fine.band)).data, magnitudes(coarse.band).data);
}

/** Where the details of an octave lie: layout of the logarithm of their mean magnitude, without its mean. */
export function energyLayout({ band }: Octave): number[] {
  const cells = Math.min(CELLS, band.side);
  return lowCosines(cellMeans(magnitudes(band), cells).map(logarithm), 1, Math.min(2, cells - 1));
}
