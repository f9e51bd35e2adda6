/** Three numbers along x (columns), y (rows) and z (slices). */
export type Triple = readonly [number, number, number];

/** A grid of grey values; the value at (x, y, z) stands at x + size[0] * (y + size[1] * z). A picture has one slice. */
export interface Volume {
  readonly size: Triple;
  /** Distance between voxel centres in mm. */
  readonly spacing: Triple;
  /** Length size[0] * size[1] * size[2]. */
  readonly data: Float64Array;
}

/** Label of each voxel of a volume of the same size, in the same order. */
export interface LabelVolume {
  readonly size: Triple;
  readonly data: ArrayLike<number>;
}

/** The voxels that features are computed over, within the smallest box that holds them. */
export interface Region {
  /** Size of the box in voxels. */
  readonly size: Triple;
  /** Distance between voxel centres in mm. */
  readonly spacing: Triple;
  /** Place of each voxel in the box, `x + size[0] * (y + size[1] * z)`, ascending. */
  readonly voxels: Int32Array;
  /** Grey value of each voxel, in the order of `voxels`. */
  readonly values: Float64Array;
}

/** Smallest box around the chosen voxels; null where there is none. */
function boundingBox(size: Triple, inside: Uint8Array): { low: Triple; high: Triple } | null {
  const [nx, ny, nz] = size;
  let [x0, y0, z0, x1, y1, z1] = [nx, ny, nz, -1, -1, -1];
  for (let z = 0, at = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, at++) {
        if (inside[at] === 0) continue;
        if (x < x0) x0 = x;
        if (x > x1) x1 = x;
        if (y < y0) y0 = y;
        if (y > y1) y1 = y;
        if (z < z0) z0 = z;
        z1 = z;
      }
    }
  }
  return x1 < 0 ? null : { low: [x0, y0, z0], high: [x1, y1, z1] };
}

/**
 * The region of the voxels where `inside` is not zero.
 * @param box Voxels whose box is taken. Defaults to those of `inside`.
 * @returns null where no voxel is inside
 */
export function regionOf(volume: Volume, inside: Uint8Array, box: Uint8Array = inside): Region | null {
  const found = boundingBox(volume.size, box);
  if (found === null) return null;
  const { low, high } = found;
  const [nx, ny] = volume.size;
  const size: Triple = [high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1];
  const most = size[0] * size[1] * size[2];
  const voxels = new Int32Array(most);
  const values = new Float64Array(most);
  let n = 0;
  for (let z = 0, place = 0; z < size[2]; z++) {
    for (let y = 0; y < size[1]; y++) {
      let at = low[0] + nx * (low[1] + y + ny * (low[2] + z));
      for (let x = 0; x < size[0]; x++, at++, place++) {
        if (inside[at] === 0) continue;
        voxels[n] = place;
        values[n++] = volume.data[at]!;
      }
    }
  }
  return n === 0
    ? null
    : { size, spacing: volume.spacing, voxels: voxels.subarray(0, n), values: values.subarray(0, n) };
}
