import { z } from "zod";
import type { Dataset } from "../../data/types.ts";
import type { FoundImage, FoundRepeat, InspectionSummary } from "../project-api.ts";
import { problemsBeside } from "./found-problems.ts";

const list = z.array(z.unknown());
const image = z.looseObject({ fileName: z.string(), label: z.string(), split: z.string().optional() });
const problem = z.object({ code: z.string(), path: z.string(), message: z.string() });
const marks = { acrossSplits: z.boolean(), labelsDiffer: z.boolean() };

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
  tones: z.looseObject({ overall: z.array(z.number()), estimated: z.boolean() }).nullable(),
  patients: z
    .looseObject({
      count: z.number(),
      imagesPerPatient: z.object({ least: z.number(), median: z.number(), most: z.number() }),
    })
    .nullable(),
  missing: z.array(z.object({ column: z.string(), count: z.number() })),
  exactDuplicates: z.array(z.looseObject({ images: z.array(image), ...marks })),
  nearDuplicates: z.array(
    z.looseObject({ images: z.array(image), transform: z.string().optional(), samePatient: z.boolean(), ...marks }),
  ),
  nearDuplicateCount: z.number(),
  partsNotSearched: z
    .object({
      images: z.number(),
      why: z.enum(["many", "asked"]),
      most: z.number(),
      coreSeconds: z.number(),
      command: z.string().optional(),
    })
    .optional(),
  patientLeaks: list,
  flat: z.array(z.string()),
  damaged: z.array(problem),
  // Inspections of an earlier version have none.
  unusable: z.array(problem).default([]),
  warnings: z.array(z.string()),
});

/** Sizes, findings of each kind, and images of a group that the page lists. */
const MOST = { sizes: 5, repeats: 60, flat: 60, problems: 200, columns: 20, group: 8 } as const;

/** The worst first: copies of different classes, then across splits, then of other patients. */
const weight = ({ labelsDiffer, acrossSplits, samePatient }: FoundRepeat): number =>
  (labelsDiffer ? 4 : 0) + (acrossSplits ? 2 : 0) + (samePatient ? 0 : 1);
const worstFirst = (repeats: readonly FoundRepeat[]): FoundRepeat[] =>
  [...repeats].sort((a, b) => weight(b) - weight(a)).slice(0, MOST.repeats);

/**
 * What the page shows of an inspection: counts, and images by their number in the dataset as it is opened, no image and no
 * patient by name. Files that cannot be read are named. Null for another object.
 * @param dataset Null where it is not open.
 */
export function inspectionSummary(result: unknown, dataset: Dataset | null): InspectionSummary | null {
  const found = inspectionSchema.safeParse(result).data;
  if (found === undefined) return null;
  const { images, kind, classes, imbalance, splits, sizes, channels, masks, warnings } = found;
  const places = new Map((dataset?.samples ?? []).map(({ fileName }, index) => [fileName, index]));
  const placeOf = (fileName: string): number | null => places.get(fileName) ?? null;
  const shown = ({ fileName, label, split }: z.infer<typeof image>): FoundImage => ({
    index: placeOf(fileName),
    label,
    split: split ?? null,
  });
  const exact = found.exactDuplicates.map(
    (group): FoundRepeat => ({
      kind: "exact",
      images: group.images.slice(0, MOST.group).map(shown),
      transform: null,
      acrossSplits: group.acrossSplits,
      labelsDiffer: group.labelsDiffer,
      samePatient: false,
    }),
  );
  const near = found.nearDuplicates.map(
    ({ images: pair, transform, samePatient, acrossSplits, labelsDiffer }): FoundRepeat => ({
      kind: "near",
      images: pair.map(shown),
      transform: transform ?? null,
      acrossSplits,
      labelsDiffer,
      samePatient,
    }),
  );
  return {
    images,
    kind,
    columns: Object.fromEntries(
      Object.entries(found.columns).flatMap(([role, name]) => (typeof name === "string" ? [[role, name]] : [])),
    ),
    classes: classes.map(({ name, count }) => ({ name, count })),
    imbalance,
    splits,
    sizes: sizes.slice(0, MOST.sizes),
    channels,
    masks,
    patients: found.patients?.count ?? null,
    imagesPerPatient: found.patients?.imagesPerPatient ?? null,
    tones: found.tones === null ? null : { counts: found.tones.overall, estimated: found.tones.estimated },
    missing: found.missing.slice(0, MOST.columns),
    exactDuplicates: found.exactDuplicates.length,
    nearDuplicates: found.nearDuplicateCount,
    partsNotSearched:
      found.partsNotSearched === undefined
        ? null
        : { ...found.partsNotSearched, command: found.partsNotSearched.command ?? null },
    patientLeaks: found.patientLeaks.length,
    flat: found.flat.length,
    damaged: found.damaged.length,
    repeats: [...worstFirst(exact), ...worstFirst(near)],
    flatImages: found.flat
      .map(placeOf)
      .filter((index) => index !== null)
      .slice(0, MOST.flat),
    problems: problemsBeside([...found.damaged, ...found.unusable].slice(0, MOST.problems), dataset),
    warnings,
  };
}
