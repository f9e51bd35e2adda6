import { z } from "zod";
import type { InspectionSummary } from "../project-api.ts";

const list = z.array(z.unknown());

/** What is read of the object that `ganglion inspect --json` prints. */
const inspectionSchema = z.looseObject({
  images: z.number(),
  kind: z.string(),
  columns: z.record(z.string(), z.unknown()),
  classes: z.array(z.looseObject({ name: z.string(), count: z.number() })),
  imbalance: z.number(),
  splits: z.record(z.string(), z.number()),
  sizes: z.array(z.object({ width: z.number(), height: z.number(), count: z.number() })),
  channels: z.object({ grey: z.number(), colour: z.number() }),
  masks: z.number(),
  patients: z.looseObject({ count: z.number() }).nullable(),
  exactDuplicates: list,
  nearDuplicateCount: z.number(),
  patientLeaks: list,
  flat: list,
  damaged: list,
  warnings: z.array(z.string()),
});

/** Sizes of images that the page lists. */
const MOST_SIZES = 5;

/** What the page shows of an inspection: counts, no file and no patient by name. Null for another object. */
export function inspectionSummary(result: unknown): InspectionSummary | null {
  const found = inspectionSchema.safeParse(result).data;
  if (found === undefined) return null;
  const { images, kind, classes, imbalance, splits, sizes, channels, masks, warnings } = found;
  return {
    images,
    kind,
    columns: Object.fromEntries(
      Object.entries(found.columns).flatMap(([role, name]) => (typeof name === "string" ? [[role, name]] : [])),
    ),
    classes: classes.map(({ name, count }) => ({ name, count })),
    imbalance,
    splits,
    sizes: sizes.slice(0, MOST_SIZES),
    channels,
    masks,
    patients: found.patients?.count ?? null,
    exactDuplicates: found.exactDuplicates.length,
    nearDuplicates: found.nearDuplicateCount,
    patientLeaks: found.patientLeaks.length,
    flat: found.flat.length,
    damaged: found.damaged.length,
    warnings,
  };
}
