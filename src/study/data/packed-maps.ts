import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { readBytes, readJson, writeFileAtomic, writeJson } from "../../core/files.ts";
import type { PackedMaps } from "../../data/index.ts";

const REGIONS = "regions.u8";
const MAPS = "maps.json";

const box = z.object({ xMin: z.number(), yMin: z.number(), xMax: z.number(), yMax: z.number() });
const mapsSchema = z.object({
  kind: z.enum(["box", "mask"]),
  resolution: z.int().positive(),
  boxes: z.array(z.array(box)),
  tones: z.array(z.int().min(1).max(6)),
  tonesEstimated: z.boolean(),
});

/** @throws GanglionError `files` */
export async function writePackedMaps(folder: string, { regions, tones, ...maps }: PackedMaps): Promise<void> {
  await writeFileAtomic(join(folder, REGIONS), regions);
  await writeJson(join(folder, MAPS), { ...maps, tones: [...tones] });
}

/** @throws GanglionError `files` */
export async function readPackedMaps(folder: string): Promise<PackedMaps> {
  const path = join(folder, MAPS);
  const parsed = mapsSchema.safeParse(await readJson(path));
  if (!parsed.success) {
    throw new GanglionError("files", `${path} holds no maps of this version; remove the artefact to make it again`);
  }
  const { tones, ...maps } = parsed.data;
  return { ...maps, tones: Uint8Array.from(tones), regions: new Uint8Array(await readBytes(join(folder, REGIONS))) };
}

/** The maps of some of the images, in that order. */
export function selectMaps(maps: PackedMaps, indices: readonly number[]): PackedMaps {
  const area = maps.resolution ** 2;
  const regions = new Uint8Array(indices.length * area);
  indices.forEach((index, place) => {
    regions.set(maps.regions.subarray(index * area, (index + 1) * area), place * area);
  });
  return {
    ...maps,
    regions,
    boxes: indices.map((i) => maps.boxes[i]!),
    tones: Uint8Array.from(indices, (i) => maps.tones[i]!),
  };
}
