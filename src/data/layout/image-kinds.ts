/** A kind of image file by its endings; whether its pixels are read, or only its name is known. */
interface ImageKind {
  readonly name: string;
  readonly endings: readonly string[];
  readonly read: boolean;
  /** What to do with files that are not read. */
  readonly remedy?: string;
}

/** The one list of image kinds: what datasets may hold, and what is left out by name. */
const IMAGE_KINDS: readonly ImageKind[] = [
  { name: "PNG", endings: ["png"], read: true },
  { name: "JPEG", endings: ["jpg", "jpeg"], read: true },
  { name: "TIFF", endings: ["tif", "tiff"], read: true },
  { name: "WebP", endings: ["webp"], read: true },
  { name: "BMP", endings: ["bmp", "dib"], read: true },
  { name: "GIF", endings: ["gif"], read: true },
  { name: "PGM/PPM", endings: ["pgm", "ppm", "pnm"], read: true },
  { name: "JPEG 2000", endings: ["jp2", "j2k", "jpx"], read: false, remedy: "convert them to PNG" },
  { name: "HEIC", endings: ["heic", "heif"], read: false, remedy: "convert them to JPEG" },
  {
    name: "DICOM",
    endings: ["dcm", "dicom", "ima"],
    read: false,
    remedy: "make a dataset of them with ganglion import",
  },
  { name: "NIfTI", endings: ["nii", "nii.gz"], read: false, remedy: "make slices of them with ganglion import" },
  { name: "NRRD or MetaImage", endings: ["nrrd", "mha", "mhd"], read: false, remedy: "save slices as PNG" },
  { name: "portable bit map (PBM)", endings: ["pbm"], read: false, remedy: "convert them to PNG" },
  { name: "Analyze", endings: ["hdr", "img"], read: false, remedy: "convert them to NIfTI (.nii.gz)" },
  { name: "whole-slide", endings: ["svs", "ndpi", "mrxs", "scn"], read: false, remedy: "save tiles as PNG" },
];

/** Ending of a name in lower case, `nii.gz` as one; empty where there is none. */
export function endingOf(name: string): string {
  const file = name.slice(name.lastIndexOf("/") + 1).toLowerCase();
  if (file.endsWith(".nii.gz")) return "nii.gz";
  const dot = file.lastIndexOf(".");
  return dot < 1 ? "" : file.slice(dot + 1);
}

const BY_ENDING = new Map(IMAGE_KINDS.flatMap((kind) => kind.endings.map((ending) => [ending, kind] as const)));

/** Kind of image that a name says, null for another file. */
export const imageKind = (name: string): ImageKind | null => BY_ENDING.get(endingOf(name)) ?? null;

/** True for a name of an image that is read. */
export const isImageName = (name: string): boolean => imageKind(name)?.read === true;

/** A name without the ending of an image, read or not; dots of other endings belong to it. */
export function withoutImageEnding(name: string): string {
  return imageKind(name) === null ? name : name.slice(0, name.length - endingOf(name).length - 1);
}

/** What to do with images of a kind, by its name; null for a kind that is read. */
export const remedyOf = (kind: string): string | null => IMAGE_KINDS.find(({ name }) => name === kind)?.remedy ?? null;

const READ = IMAGE_KINDS.filter(({ read }) => read);

/** `PNG, JPEG, TIFF, WebP, BMP, GIF or PGM/PPM`. */
export const READ_KINDS: string = READ.map(({ name }) => name)
  .join(", ")
  .replace(/, ([^,]*)$/, " or $1");
/** `.png, .jpg, .jpeg ...`. */
export const READ_ENDINGS: string = READ.flatMap(({ endings }) => endings.map((ending) => `.${ending}`)).join(", ");
