import { matrix } from "../../math/linear/linear64.ts";
import { symmetricEigenvalues } from "../../math/linear/symmetric-eigenvalues.ts";
import { CUBE_CORNERS, CUBE_TRIANGLES, EDGE_MIDDLES } from "./marching-cubes.ts";
import type { Region, Triple } from "./volume.ts";

export const SHAPE_FEATURES = [
  "Elongation",
  "Flatness",
  "LeastAxisLength",
  "MajorAxisLength",
  "Maximum2DDiameterColumn",
  "Maximum2DDiameterRow",
  "Maximum2DDiameterSlice",
  "Maximum3DDiameter",
  "MeshVolume",
  "MinorAxisLength",
  "Sphericity",
  "SurfaceArea",
  "SurfaceVolumeRatio",
  "VoxelVolume",
] as const;

/** Area in mm², volume in mm³, and the vertices, twice their place in voxels as x, y, z after each other. */
interface Mesh {
  readonly area: number;
  readonly volume: number;
  readonly vertices: Int32Array;
}

/** One voxel of nothing around the box: 1 inside the region. */
function padded({ size, voxels }: Region): { size: Triple; inside: Uint8Array } {
  const [nx, ny, nz] = [size[0] + 2, size[1] + 2, size[2] + 2];
  const inside = new Uint8Array(nx * ny * nz);
  for (const voxel of voxels) {
    const line = Math.floor(voxel / size[0]);
    const slice = Math.floor(line / size[1]);
    inside[(voxel % size[0]) + 1 + nx * (line - slice * size[1] + 1 + ny * (slice + 1))] = 1;
  }
  return { size: [nx, ny, nz], inside };
}

/** Triangles of every cube; the volume is the sum of signed tetrahedra to the origin. */
function surfaceMesh(region: Region): Mesh {
  const { size, inside } = padded(region);
  const [nx, ny, nz] = size;
  const [dx, dy, dz] = region.spacing.map((mm) => mm / 2);
  const corners = CUBE_CORNERS.map(([x, y, z]) => x + nx * (y + ny * z));
  const seen = new Set<number>();
  const vertices: number[] = [];
  let [area, volume] = [0, 0];
  for (let z = 0; z + 1 < nz; z++) {
    for (let y = 0; y + 1 < ny; y++) {
      for (let x = 0; x + 1 < nx; x++) {
        const first = x + nx * (y + ny * z);
        let index = 0;
        for (let c = 0; c < 8; c++) index |= inside[first + corners[c]!]! << c;
        const edges = CUBE_TRIANGLES[index]!;
        for (let k = 0; k < edges.length; k += 3) {
          const [a, b, c] = [3 * edges[k]!, 3 * edges[k + 1]!, 3 * edges[k + 2]!];
          const ax = (2 * x + EDGE_MIDDLES[a]!) * dx!;
          const ay = (2 * y + EDGE_MIDDLES[a + 1]!) * dy!;
          const az = (2 * z + EDGE_MIDDLES[a + 2]!) * dz!;
          const ux = (2 * x + EDGE_MIDDLES[b]!) * dx! - ax;
          const uy = (2 * y + EDGE_MIDDLES[b + 1]!) * dy! - ay;
          const uz = (2 * z + EDGE_MIDDLES[b + 2]!) * dz! - az;
          const vx = (2 * x + EDGE_MIDDLES[c]!) * dx! - ax;
          const vy = (2 * y + EDGE_MIDDLES[c + 1]!) * dy! - ay;
          const vz = (2 * z + EDGE_MIDDLES[c + 2]!) * dz! - az;
          const [px, py, pz] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
          area += Math.sqrt(px * px + py * py + pz * pz) / 2;
          volume += (ax * px + ay * py + az * pz) / 6;
        }
        for (const edge of edges) {
          const at = [2 * x, 2 * y, 2 * z].map((base, axis) => base + EDGE_MIDDLES[3 * edge + axis]!);
          const name = at[0]! + 2 * nx * (at[1]! + 2 * ny * at[2]!);
          if (seen.has(name)) continue;
          seen.add(name);
          vertices.push(...at);
        }
      }
    }
  }
  return { area, volume: Math.abs(volume), vertices: Int32Array.from(vertices) };
}

/** Greatest distances between vertices in mm: of all, and of those in one plane across x, y and z. */
function diameters(vertices: Int32Array, spacing: Triple): { all: number; across: Triple } {
  const [dx, dy, dz] = spacing.map((mm) => (mm / 2) ** 2);
  let [all, acrossX, acrossY, acrossZ] = [0, 0, 0, 0];
  for (let a = 0; a < vertices.length; a += 3) {
    const [ax, ay, az] = [vertices[a], vertices[a + 1], vertices[a + 2]];
    for (let b = a + 3; b < vertices.length; b += 3) {
      const x = vertices[b]! - ax!;
      const y = vertices[b + 1]! - ay!;
      const z = vertices[b + 2]! - az!;
      const square = x * x * dx! + y * y * dy! + z * z * dz!;
      if (square > all) all = square;
      if (x === 0 && square > acrossX) acrossX = square;
      if (y === 0 && square > acrossY) acrossY = square;
      if (z === 0 && square > acrossZ) acrossZ = square;
    }
  }
  return { all: Math.sqrt(all), across: [Math.sqrt(acrossX), Math.sqrt(acrossY), Math.sqrt(acrossZ)] };
}

/** Eigenvalues of the covariance (divisor n) of voxel centres in mm, ascending, none below 0. */
export function principalVariances({ size, spacing, voxels }: Region, axes: readonly number[]): Float64Array {
  const n = voxels.length;
  const d = axes.length;
  const mean = new Float64Array(3);
  const place = new Float64Array(3);
  const moments = new Float64Array(d * d);
  const put = (voxel: number) => {
    const line = Math.floor(voxel / size[0]);
    const slice = Math.floor(line / size[1]);
    place[0] = (voxel - line * size[0]) * spacing[0];
    place[1] = (line - slice * size[1]) * spacing[1];
    place[2] = slice * spacing[2];
  };
  for (let v = 0; v < n; v++) {
    put(voxels[v]!);
    for (let axis = 0; axis < 3; axis++) mean[axis]! += place[axis]! / n;
  }
  for (let v = 0; v < n; v++) {
    put(voxels[v]!);
    for (let i = 0; i < d; i++) {
      const first = (place[axes[i]!]! - mean[axes[i]!]!) / n;
      for (let j = 0; j < d; j++) moments[i * d + j]! += first * (place[axes[j]!]! - mean[axes[j]!]!);
    }
  }
  return symmetricEigenvalues(matrix(d, d, moments)).map((value) => Math.max(0, value));
}

/**
 * Shape of a region in 3-D: surface mesh halfway between voxel centres, lengths in mm, axes of the ellipsoid with the
 * same covariance (IBSI reference manual, arXiv 1612.07003, section 3.1). Diameters are between vertices of the mesh;
 * Slice, Column and Row lie in planes across z, y and x.
 */
export function shapeFeatures(region: Region): Record<(typeof SHAPE_FEATURES)[number], number> {
  const { area, volume, vertices } = surfaceMesh(region);
  const { all, across } = diameters(vertices, region.spacing);
  const [least, minor, major] = principalVariances(region, [0, 1, 2]);
  const [dx, dy, dz] = region.spacing;
  return {
    Elongation: Math.sqrt(minor! / major!),
    Flatness: Math.sqrt(least! / major!),
    LeastAxisLength: 4 * Math.sqrt(least!),
    MajorAxisLength: 4 * Math.sqrt(major!),
    Maximum2DDiameterColumn: across[1],
    Maximum2DDiameterRow: across[0],
    Maximum2DDiameterSlice: across[2],
    Maximum3DDiameter: all,
    MeshVolume: volume,
    MinorAxisLength: 4 * Math.sqrt(minor!),
    Sphericity: Math.cbrt(36 * Math.PI * volume ** 2) / area,
    SurfaceArea: area,
    SurfaceVolumeRatio: area / volume,
    VoxelVolume: region.voxels.length * dx * dy * dz,
  };
}
