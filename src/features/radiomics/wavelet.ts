import { radiomicsError } from "./settings.ts";
import type { Triple, Volume } from "./volume.ts";

const ROOT = Math.sqrt(7);

/** Low-pass filter of coif1 (Daubechies 1992, Ten Lectures on Wavelets, table 8.1), last tap first. */
const LOW = [-3 + ROOT, 1 - ROOT, 14 - 2 * ROOT, 14 + 2 * ROOT, 5 + ROOT, 1 - ROOT].map(
  (tap) => tap / (16 * Math.SQRT2),
);

/** High-pass filter: the low-pass one backwards with alternating signs. */
const HIGH = LOW.map((_, k) => (k % 2 === 0 ? -1 : 1) * LOW[LOW.length - 1 - k]!);

/** Both bands along one axis, as long as the signal: out[n] = Σ f[k] x[(n + 3 - k) mod N]. */
function split(volume: Volume, axis: number): { low: Volume; high: Volume } {
  const { size, data } = volume;
  const n = size[axis]!;
  const stride = axis === 0 ? 1 : axis === 1 ? size[0] : size[0] * size[1];
  const low = new Float64Array(data.length);
  const high = new Float64Array(data.length);
  for (let start = 0; start < data.length; start++) {
    if (Math.floor(start / stride) % n !== 0) continue;
    for (let i = 0; i < n; i++) {
      let [l, h] = [0, 0];
      for (let k = 0; k < LOW.length; k++) {
        const value = data[start + stride * ((i + LOW.length / 2 - k + LOW.length * n) % n)]!;
        l += LOW[k]! * value;
        h += HIGH[k]! * value;
      }
      low[start + stride * i] = l;
      high[start + stride * i] = h;
    }
  }
  return { low: { ...volume, data: low }, high: { ...volume, data: high } };
}

/** A copy of another size; what lies beyond the volume comes from its other side. */
function resized(volume: Volume, size: Triple): Volume {
  const [nx, ny, nz] = volume.size;
  const data = new Float64Array(size[0] * size[1] * size[2]);
  for (let z = 0, at = 0; z < size[2]; z++) {
    for (let y = 0; y < size[1]; y++) {
      for (let x = 0; x < size[0]; x++, at++) data[at] = volume.data[(x % nx) + nx * ((y % ny) + ny * (z % nz))]!;
    }
  }
  return { ...volume, size, data };
}

/** Names of the bands along so many axes, `LLH` for high along the last; the smooth band comes last. */
export function waveletBands(axes: number): string[] {
  const names = Array.from({ length: 2 ** axes }, (_, index) =>
    Array.from({ length: axes }, (_, k) => ((index >> (axes - 1 - k)) & 1 ? "H" : "L")).join(""),
  );
  return [...names.slice(1), names[0]!];
}

/** Bands of one level by name, letters in the order of `axes`. */
function bands(volume: Volume, axes: readonly number[]): Map<string, Volume> {
  let found = new Map([["", volume]]);
  for (const axis of axes) {
    const next = new Map<string, Volume>();
    for (const [name, band] of found) {
      const { low, high } = split(band, axis);
      next.set(`${name}L`, low);
      next.set(`${name}H`, high);
    }
    found = next;
  }
  return found;
}

/**
 * Undecimated wavelet transform with coif1 as PyRadiomics makes it: bands as large as the image, periodic, an odd axis
 * continued by one voxel of its other side; every level splits the smooth band of the one before with the same filters.
 * @param axes Axes that are split, in the order of the letters of a band's name.
 * @param first Levels passed over.
 * @returns detail bands of each level, and the smooth band of the last
 * @throws GanglionError `dataset` when an axis has one voxel only
 */
export function waveletImages(
  volume: Volume,
  axes: readonly number[],
  level: number,
  first: number,
): { level: number; band: string; volume: Volume }[] {
  if (axes.some((axis) => volume.size[axis]! < 2)) {
    throw radiomicsError(
      `Wavelet: the image is ${volume.size.join(" x ")} voxels, two are needed along each axis; set force2D for a single slice`,
    );
  }
  const even = volume.size.map((n, axis) => (axes.includes(axis) ? n + (n % 2) : n)) as unknown as Triple;
  const names = waveletBands(axes.length);
  const smoothName = names[names.length - 1]!;
  let smooth = resized(volume, even);
  const out: { level: number; band: string; volume: Volume }[] = [];
  for (let step = 1; step <= first + level; step++) {
    const found = bands(smooth, axes);
    smooth = found.get(smoothName)!;
    if (step <= first) continue;
    const last = step === first + level;
    for (const band of last ? names : names.slice(0, -1)) {
      out.push({ level: step - first, band, volume: resized(found.get(band)!, volume.size) });
    }
  }
  return out;
}
