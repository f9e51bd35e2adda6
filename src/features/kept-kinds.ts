import { z } from "zod";
import { classifierLayout, segmenterLayout } from "../model/index.ts";
import type { TrainedClassifier, TrainedSegmenter } from "../train/index.ts";
import type { KeptKind } from "./network-cache.ts";

const images = { resolution: z.int().positive(), channels: z.union([z.literal(1), z.literal(3)]) };
const widths = z.array(z.int().positive()).min(1);

/** Classifiers, as `encoder` and the one that tells conditions apart. */
export const CLASSIFIERS: KeptKind<TrainedClassifier> = {
  head: z.object({
    architecture: z.object({ ...images, classes: z.int().positive(), widths }),
    accuracy: z.number().nullable(),
    balancedAccuracy: z.number().nullable(),
    heldOut: z.int().nonnegative(),
    recalls: z.array(z.object({ n: z.int().nonnegative(), right: z.int().nonnegative() })),
  }),
  layoutOf: classifierLayout,
};

/** Networks that find lesions. */
export const SEGMENTERS: KeptKind<TrainedSegmenter> = {
  head: z.object({ architecture: z.object({ ...images, widths }) }),
  layoutOf: segmenterLayout,
};
