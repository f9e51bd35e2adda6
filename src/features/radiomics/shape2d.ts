import { radiomicsError } from "./settings.ts";
import { principalVariances } from "./shape3d.ts";
import type { Region } from "./volume.ts";

export const SHAPE_2D_FEATURES = [
  "Elongation",
  "MajorAxisLength",
  "MaximumDiameter",
  "MeshSurface",
  "MinorAxisLength",
  "Perimeter",
  "PerimeterSurfaceRatio",
  "PixelSurface",
  "Sphericity",
] as const;

/**
 * Lines of a square between four pixel centres, corners (0,0), (1,0), (1,1), (0,1) as bits 0..3, edges between corners k
 * and k+1, the region on the left; corners across a diagonal are cut off from each other.
 */
const SQUARE_LINES: readonly (readonly number[])[] = Array.from({ length: 16 }, (_, index) => {
  const at = (k: number) => (index >> (k & 3)) & 1;
  const lines: number[] = [];
  for (let k = 0; k < 4; k++) {
    // The boundary enters over the edge before a run of inside corners and leaves over the edge after it.
    if (at(k) === 0 || at(k + 3) === 1) continue;
    let last = k;
    while (at(last + 1) === 1) last++;
    lines.push(last & 3, (k + 3) & 3);
  }
  return lines;
});

/** Twice the x and y of the middle of each edge. */
const EDGE_MIDDLES = [
  [1, 0],
  [2, 1],
  [1, 2],
  [0, 1],
] as const;

/** Perimeter in mm, surface in mm² and greatest distance of vertices of the outline halfway between pixel centres. */
function outline(inside: Uint8Array, width: number, height: number, dx: number, dy: number) {
  const xs: number[] = [];
  const ys: number[] = [];
  let [perimeter, surface] = [0, 0];
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const at = x + width * y;
      const index = inside[at]! | (inside[at + 1]! << 1) | (inside[at + width + 1]! << 2) | (inside[at + width]! << 3);
      const lines = SQUARE_LINES[index]!;
      for (let k = 0; k < lines.length; k += 2) {
        const [a, b] = [EDGE_MIDDLES[lines[k]!], EDGE_MIDDLES[lines[k + 1]!]];
        const ax = (x + a![0] / 2) * dx;
        const ay = (y + a![1] / 2) * dy;
        const bx = (x + b![0] / 2) * dx;
        const by = (y + b![1] / 2) * dy;
        perimeter += Math.hypot(bx - ax, by - ay);
        surface += (ax * by - bx * ay) / 2;
        xs.push(ax);
        ys.push(ay);
      }
    }
  }
  let most = 0;
  for (let a = 0; a < xs.length; a++) {
    for (let b = a + 1; b < xs.length; b++) {
      const square = (xs[a]! - xs[b]!) ** 2 + (ys[a]! - ys[b]!) ** 2;
      if (square > most) most = square;
    }
  }
  return { perimeter, surface: Math.abs(surface), diameter: Math.sqrt(most) };
}

/**
 * Shape of a region of one slice, in mm: outline halfway between pixel centres, axes of the ellipse with the same
 * covariance (PyRadiomics' documentation, "Shape features (2D)").
 * @param across axis across the slice, 2 for z
 * @throws GanglionError `dataset` where the region has more than one slice
 */
export function shape2DFeatures(region: Region, across: number): Record<(typeof SHAPE_2D_FEATURES)[number], number> {
  const { size, spacing, voxels } = region;
  if (size[across] !== 1) {
    throw radiomicsError(`shape2D is of regions of one slice, this one has ${size[across]}; leave shape2D out`);
  }
  const [first, second] = [0, 1, 2].filter((axis) => axis !== across);
  const [width, height] = [size[first!]! + 2, size[second!]! + 2];
  const inside = new Uint8Array(width * height);
  for (const voxel of voxels) {
    // The axis across has size 1, so the place counts the two others.
    const row = Math.floor(voxel / size[first!]!);
    inside[voxel - row * size[first!]! + 1 + width * (row + 1)] = 1;
  }
  const { perimeter, surface, diameter } = outline(inside, width, height, spacing[first!]!, spacing[second!]!);
  const [minor, major] = principalVariances(region, [first!, second!]);
  return {
    Elongation: Math.sqrt(minor! / major!),
    MajorAxisLength: 4 * Math.sqrt(major!),
    MaximumDiameter: diameter,
    MeshSurface: surface,
    MinorAxisLength: 4 * Math.sqrt(minor!),
    Perimeter: perimeter,
    PerimeterSurfaceRatio: perimeter / surface,
    PixelSurface: voxels.length * spacing[first!]! * spacing[second!]!,
    Sphericity: (2 * Math.sqrt(Math.PI * surface)) / perimeter,
  };
}
