import { z } from "zod";

const code = z
  .strictObject({
    value: z.string().regex(/^[^\\\p{Cc}]{1,16}$/u, "1 to 16 characters without a backslash"),
    scheme: z.string().regex(/^[^\\\p{Cc}]{1,16}$/u, "1 to 16 characters without a backslash, e.g. SCT"),
    meaning: z.string().regex(/^[^\\\p{Cc}]{1,64}$/u, "1 to 64 characters without a backslash"),
  })
  .describe("A concept of a coding scheme, e.g. value 2092003, scheme SCT, meaning Melanoma.");

/** What `--config` may say under `dicom`. */
export const dicomOptionsSchema = z.strictObject({
  anatomicRegion: code.nullable().default(null).describe("Region that the images show. Defaults to none, not stated."),
  syntheticData: z
    .boolean()
    .default(false)
    .describe(
      "Whether objects state Synthetic Data (0008,001C) too, which validators older than the standard of 2022 call an error. Defaults to false.",
    ),
  classes: z
    .record(z.string(), code)
    .default({})
    .describe("Concept of each class that has one. Defaults to none: the class is written as text."),
});

export type DicomOptions = z.infer<typeof dicomOptionsSchema>;

export const DEFAULT_DICOM_OPTIONS: DicomOptions = dicomOptionsSchema.parse({});
