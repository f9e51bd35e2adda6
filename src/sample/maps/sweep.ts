import { GanglionError } from "../../core/errors.ts";
import { Rng } from "../../core/rng.ts";
import { type Box, type MapKind, TONES } from "../../data/maps/semantic-map.ts";
import type { MapDescription } from "../../model/map-description.ts";
import { candidateSeed } from "../latent.ts";
import type { DatasetMaps } from "./dataset-maps.ts";
import { boxesOfRegion, type MapRequest, regionOf } from "./map-request.ts";
import { aroundBoxes, type Lesion, shiftBox, shiftRegion } from "./move-lesion.ts";

/** Controls that a sweep goes along while the others stay. */
export const SWEEPS = ["tone", "condition", "size", "place"] as const;
export type Sweep = (typeof SWEEPS)[number];

/** Steps of sweeps along size and place unless another number is named. */
const SWEEP_STEPS = 6;

/** Extent of the lesion at the first and at the last step of a sweep along size, relative to that of the map. */
const SIZES = [0.5, 1.5] as const;

/** Share of the image that the lesion of a base map covers, so that it can shrink, grow and move. */
const MODERATE = [0.03, 0.3] as const;

/** Reads the name of a sweep. @throws GanglionError `usage` */
export function parseSweep(text: string): Sweep {
  const found = SWEEPS.find((name) => name === text);
  if (found !== undefined) return found;
  throw new GanglionError("usage", `--sweep ${text}: a sweep goes along one of ${SWEEPS.join(", ")}`);
}

/** Steps of a sweep: the tones, the conditions, or as many as asked. @throws GanglionError `usage` */
export function sweepSteps(sweep: Sweep, model: MapDescription, asked: number | undefined): number {
  if (sweep === "size" || sweep === "place") return asked ?? SWEEP_STEPS;
  const steps = sweep === "tone" ? TONES.length : model.classes.length;
  if (asked === undefined || asked === steps) return steps;
  const what = sweep === "tone" ? `six tones` : `${steps} conditions`;
  throw new GanglionError("usage", `--steps ${asked}: a sweep along ${sweep} shows all ${what}; leave --steps out`);
}

/** True where a region is what its boxes ask for, and not a shape of its own. */
function isOfBoxes({ region, boxes }: Lesion, kind: MapKind, size: number): boolean {
  return regionOf(kind, size, boxes).every((value, i) => value === region[i]);
}

/** Scales a lesion about the centre of its boxes; what leaves the image is cut. */
function scaleLesion(lesion: Lesion, kind: MapKind, size: number, scale: number): Lesion {
  const [left, top, right, bottom] = aroundBoxes(lesion.boxes, size);
  const [centreX, centreY] = [(left + right) / 2 / size, (top + bottom) / 2 / size];
  const along = (value: number, centre: number) => Math.min(1, Math.max(0, centre + scale * (value - centre)));
  if (isOfBoxes(lesion, kind, size)) {
    const boxes = lesion.boxes.map(
      ({ xMin, yMin, xMax, yMax }): Box => ({
        xMin: along(xMin, centreX),
        yMin: along(yMin, centreY),
        xMax: along(xMax, centreX),
        yMax: along(yMax, centreY),
      }),
    );
    return { boxes, region: regionOf(kind, size, boxes) };
  }
  const source = (at: number, centre: number) => Math.floor(centre * size + (at + 0.5 - centre * size) / scale);
  const region = new Uint8Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [u, v] = [source(x, centreX), source(y, centreY)];
      if (u >= 0 && v >= 0 && u < size && v < size) region[y * size + x] = lesion.region[v * size + u]!;
    }
  }
  return { boxes: boxesOfRegion(region, size), region };
}

/** Moves a lesion as a whole: 0 puts it to the top left corner, 1 to the bottom right one. */
function placeLesion(lesion: Lesion, size: number, share: number): Lesion {
  const [left, top, right, bottom] = aroundBoxes(lesion.boxes, size);
  const dx = Math.round(share * (size - (right - left))) - left;
  const dy = Math.round(share * (size - (bottom - top))) - top;
  return {
    boxes: lesion.boxes.map((box) => shiftBox(box, dx / size, dy / size)),
    region: shiftRegion(lesion.region, size, dx, dy),
  };
}

/** What a base map becomes at a share of the way, 0 to 1, and at a step, counted from 0. */
function stepOf(
  base: MapRequest,
  sweep: Sweep,
  step: number,
  share: number,
  model: MapDescription,
): Partial<MapRequest> {
  const { mapKind, resolution } = model;
  if (sweep === "tone") return { tone: TONES[step]! };
  if (sweep === "condition") return { condition: step };
  if (sweep === "place") return placeLesion(base, resolution, share);
  const scaled = scaleLesion(base, mapKind, resolution, SIZES[0] + share * (SIZES[1] - SIZES[0]));
  // A lesion of a pixel or two may vanish; it stays as it is then.
  return scaled.region.includes(255) ? scaled : {};
}

/** Requests of a sweep: the steps of the first base map, then those of the second, all with the seed of their base map. */
export function sweepRequests(
  bases: readonly MapRequest[],
  sweep: Sweep,
  steps: number,
  model: MapDescription,
): MapRequest[] {
  return bases.flatMap((base, row) =>
    Array.from({ length: steps }, (_, k) => ({
      ...base,
      ...stepOf(base, sweep, k, steps === 1 ? 0.5 : k / (steps - 1), model),
      columns: { sweep, row: row + 1, step: k + 1 },
    })),
  );
}

/** Base maps of a sweep from those of a dataset: classes in turn, lesions of moderate size where there are. */
export function sweepBases(maps: DatasetMaps, rows: number, seed: number, model: MapDescription): MapRequest[] {
  const pixels = model.resolution ** 2;
  const pools = model.classes.flatMap((name) => {
    const own = maps.byClass.get(name) ?? [];
    const covered = (region: Uint8Array) => region.filter((value) => value !== 0).length / pixels;
    const moderate = own.filter(({ region }) => covered(region) >= MODERATE[0] && covered(region) <= MODERATE[1]);
    const pool = new Rng(seed, "sweep", name).shuffle([...(moderate.length > 0 ? moderate : own)]);
    return pool.length > 0 ? [{ name, pool }] : [];
  });
  return Array.from({ length: rows }, (_, row): MapRequest => {
    const { name, pool } = pools[row % pools.length]!;
    const { boxes, region, tone, source } = pool[Math.floor(row / pools.length) % pool.length]!;
    const condition = model.classes.indexOf(name);
    return { boxes, region, tone, source, condition, seed: candidateSeed(seed, name, row) };
  });
}
