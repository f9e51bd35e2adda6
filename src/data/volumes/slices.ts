import type { RawImage } from "../types.ts";
import type { Volume } from "./nifti.ts";

/** Planes in which a volume is cut. */
export const PLANES = ["axial", "coronal", "sagittal"] as const;
export type Plane = (typeof PLANES)[number];

/**
 * Directions of a slice of each plane, as radiologists look at it: to the right of the picture, downwards, and from slice to
 * slice. The patient's right is at the left of an axial and a coronal picture, the front at the left of a sagittal one.
 */
const VIEWS: Readonly<Record<Plane, readonly [right: string, down: string, through: string]>> = {
  axial: ["L", "P", "S"],
  coronal: ["L", "I", "P"],
  sagittal: ["P", "I", "L"],
};
const OPPOSITE: Readonly<Record<string, string>> = { R: "L", L: "R", A: "P", P: "A", S: "I", I: "S" };

/** An axis of a volume, and whether a picture runs against it. */
interface Run {
  readonly axis: 0 | 1 | 2;
  readonly against: boolean;
}

/** How the slices of a plane lie in a volume. */
export interface Cut {
  readonly right: Run;
  readonly down: Run;
  readonly through: Run;
}

function run(orientation: string, wanted: string): Run {
  for (const axis of [0, 1, 2] as const) {
    if (orientation[axis] === wanted) return { axis, against: false };
    if (orientation[axis] === OPPOSITE[wanted]) return { axis, against: true };
  }
  return { axis: 0, against: false };
}

/** How a plane cuts a volume; one that does not say its orientation is taken for RAS. */
export function cutOf({ orientation }: Volume, plane: Plane): Cut {
  const letters = orientation ?? "RAS";
  const [right, down, through] = VIEWS[plane].map((wanted) => run(letters, wanted)) as [Run, Run, Run];
  return { right, down, through };
}

/** Number of slices, and millimetres between columns, rows and slices. */
export function cutSizes({ dims, spacing }: Volume, { right, down, through }: Cut) {
  return {
    width: dims[right.axis],
    height: dims[down.axis],
    slices: dims[through.axis],
    columnSpacing: spacing[right.axis],
    rowSpacing: spacing[down.axis],
    sliceSpacing: spacing[through.axis],
  };
}

/** Slice `index` of a volume, its values made bytes. @param toByte From a value to 0..255, which is rounded and clamped. */
export function sliceOf(volume: Volume, cut: Cut, index: number, toByte: (value: number) => number): RawImage {
  const { width, height, slices } = cutSizes(volume, cut);
  const data = new Uint8ClampedArray(width * height);
  const at: [number, number, number] = [0, 0, 0];
  const place = ({ axis, against }: Run, i: number, n: number) => {
    at[axis] = against ? n - 1 - i : i;
  };
  place(cut.through, index, slices);
  for (let y = 0; y < height; y++) {
    place(cut.down, y, height);
    for (let x = 0; x < width; x++) {
      place(cut.right, x, width);
      const value = volume.value(...at);
      data[y * width + x] = Number.isNaN(value) ? 0 : toByte(value);
    }
  }
  return { width, height, channels: 1, data: new Uint8Array(data.buffer) };
}

/** Lowest and highest finite value of a volume; null where it has none. */
export function valueRange(volume: Volume): readonly [number, number] | null {
  const [nx, ny, nz] = volume.dims;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) {
        const value = volume.value(i, j, k);
        if (!Number.isFinite(value)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  }
  return low > high ? null : [low, high];
}
