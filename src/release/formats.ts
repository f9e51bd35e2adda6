import type { ReleaseConfig } from "./config.ts";
import type { PackageFormat } from "./package-writer.ts";

/** Kinds of package, loaded when they are asked for. */
const FORMATS = {
  imagefolder: async () => (await import("./imagefolder/imagefolder.ts")).imagefolder,
  dicom: async ({ dicom }) => (await import("./dicom/dicom-format.ts")).dicomFormat(dicom),
} as const satisfies Record<string, (config: ReleaseConfig) => Promise<PackageFormat>>;

export type FormatName = keyof typeof FORMATS;

/** Values of `--format`. */
export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];

/** The format of a name. */
export const openFormat = (name: FormatName, config: ReleaseConfig): Promise<PackageFormat> => {
  const open: (config: ReleaseConfig) => Promise<PackageFormat> = FORMATS[name];
  return open(config);
};
