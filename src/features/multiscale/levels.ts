import type { Plane } from "./planes.ts";

const BINS = 256;

/**
 * Quantiles of a plane by a histogram of 256 bins.
 * @param low value of the lowest bin; the bins span 1
 */
function quantiles({ data }: Plane, low: number, at: readonly number[]): number[] {
  const counts = new Uint32Array(BINS);
  for (let i = 0; i < data.length; i++) {
    counts[Math.max(0, Math.min(BINS - 1, Math.round((data[i]! - low) * (BINS - 1))))]!++;
  }
  return at.map((share) => {
    let left = share * data.length;
    let bin = 0;
    while (bin < BINS - 1 && counts[bin]! < left) left -= counts[bin++]!;
    return low + bin / (BINS - 1);
  });
}

/** Distribution of the values of a plane: median, spread of the middle half and of 90 %, lopsidedness. */
export function levels(plane: Plane, low: number): number[] {
  const [q5, q25, q50, q75, q95] = quantiles(plane, low, [0.05, 0.25, 0.5, 0.75, 0.95]) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const wide = q95 - q5;
  return [q50, q75 - q25, wide, (q95 + q5 - 2 * q50) / (wide + 1 / 32)];
}

/** Periods of the pixel grid that leave traces: of upsampling in a generator, and of the blocks of JPEG. */
const PERIODS = [2, 8];

/**
 * Traces of a grid: how much the mean absolute difference of neighbours depends on the place modulo a period, in both
 * directions; logarithm of the largest beside the mean.
 */
export function gridTraces({ side, data }: Plane): number[] {
  const across = new Float64Array(side - 1);
  const down = new Float64Array(side - 1);
  for (let y = 0; y + 1 < side; y++) {
    for (let x = 0, i = y * side; x + 1 < side; x++, i++) {
      across[x]! += Math.abs(data[i + 1]! - data[i]!) / (side - 1);
      down[y]! += Math.abs(data[i + side]! - data[i]!) / (side - 1);
    }
  }
  const trace = (steps: Float64Array, period: number) => {
    const sums = new Float64Array(period);
    const counts = new Float64Array(period);
    steps.forEach((step, i) => {
      sums[i % period]! += step;
      counts[i % period]!++;
    });
    const means = Array.from(sums, (sum, k) => sum / Math.max(1, counts[k]!) + 1 / 512);
    return Math.log((Math.max(...means) * period) / means.reduce((a, b) => a + b, 0));
  };
  return PERIODS.flatMap((period) => [trace(across, period), trace(down, period)]);
}
