import type { Discretised } from "./discretise.ts";
import type { RadiomicsSettings } from "./settings.ts";
import type { Region, Triple } from "./volume.ts";

/** Levels of a region in a box with a border, so that a neighbour is an addition away and needs no check. */
export interface LevelGrid {
  /** Level of each place, 0 outside the region and in the border. */
  readonly data: Int32Array;
  /** Places of the region's voxels in `data`, ascending. */
  readonly places: Int32Array;
  /** Size of the box without the border. */
  readonly size: Triple;
  /** What a step along x, y and z adds to a place. */
  readonly strides: Triple;
  /** Greatest level, Ng. */
  readonly levelCount: number;
  /** Levels that occur, ascending. */
  readonly present: Int32Array;
  /** Index of a level in `present`, length Ng + 1; -1 where it does not occur. */
  readonly indexOf: Int32Array;
}

/** A step between voxels. */
export interface Offset {
  readonly step: Triple;
  /** What it adds to a place of the grid. */
  readonly jump: number;
}

/** Lays the levels of a region out with a border that offsets up to the greatest distance stay within. */
export function levelGrid(region: Region, discretised: Discretised, settings: RadiomicsSettings): LevelGrid {
  const { size, voxels } = region;
  const { levels, levelCount, histogram } = discretised;
  const reach = Math.max(1, ...settings.distances);
  const border = size.map((n) => Math.min(reach, n - 1));
  const row = size[0] + 2 * border[0]!;
  const slice = row * (size[1] + 2 * border[1]!);
  const data = new Int32Array(slice * (size[2] + 2 * border[2]!));
  const places = new Int32Array(voxels.length);
  for (let i = 0; i < voxels.length; i++) {
    const line = Math.floor(voxels[i]! / size[0]);
    const x = voxels[i]! - line * size[0];
    const z = Math.floor(line / size[1]);
    const y = line - z * size[1];
    const place = x + border[0]! + row * (y + border[1]!) + slice * (z + border[2]!);
    places[i] = place;
    data[place] = levels[i]!;
  }
  const indexOf = new Int32Array(levelCount + 1).fill(-1);
  const present: number[] = [];
  for (let level = 1; level <= levelCount; level++) {
    if (histogram[level] === 0) continue;
    indexOf[level] = present.length;
    present.push(level);
  }
  return { data, places, size, strides: [1, row, slice], levelCount, present: Int32Array.from(present), indexOf };
}

/**
 * Offsets whose infinity norm is one of `distances`, one of each pair of opposite ones (13 in 3-D and 4 in 2-D at
 * distance 1), or both. Offsets as long as the box is are left out, as are those across the slices with `force2D`.
 */
export function offsets(
  { size, strides }: Pick<LevelGrid, "size" | "strides">,
  { force2D, force2Ddimension }: RadiomicsSettings,
  distances: readonly number[],
  opposite: boolean,
): Offset[] {
  const reach = Math.max(...distances);
  const across = 2 - force2Ddimension;
  const out: Offset[] = [];
  for (let z = -reach; z <= reach; z++) {
    for (let y = -reach; y <= reach; y++) {
      for (let x = -reach; x <= reach; x++) {
        const step: Triple = [x, y, z];
        const first = z > 0 || (z === 0 && (y > 0 || (y === 0 && x > 0)));
        if (!first && !(opposite && (x !== 0 || y !== 0 || z !== 0))) continue;
        if (!distances.includes(Math.max(Math.abs(x), Math.abs(y), Math.abs(z)))) continue;
        if (step.some((s, axis) => Math.abs(s) >= size[axis]!)) continue;
        if (force2D && step[across] !== 0) continue;
        out.push({ step, jump: x * strides[0] + y * strides[1] + z * strides[2] });
      }
    }
  }
  return out;
}

/** Weights of merged directions (PyRadiomics, `weightingNorm`): exp(-d²), d the length of the offset in mm by a norm. */
export function offsetWeights(
  directions: readonly Offset[],
  spacing: Triple,
  norm: NonNullable<RadiomicsSettings["weightingNorm"]>,
): number[] {
  return directions.map(({ step }) => {
    const mm = step.map((s, axis) => Math.abs(s) * spacing[axis]!);
    if (norm === "infinity") return Math.exp(-(Math.max(...mm) ** 2));
    if (norm === "euclidean") return Math.exp(-(mm[0]! ** 2 + mm[1]! ** 2 + mm[2]! ** 2));
    if (norm === "manhattan") return Math.exp(-((mm[0]! + mm[1]! + mm[2]!) ** 2));
    return 1;
  });
}
