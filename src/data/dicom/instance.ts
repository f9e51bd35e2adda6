import { stat } from "node:fs/promises";
import { join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { isNotAFile, readInside } from "../../core/inside-folder.ts";
import type { DicomDataset } from "../../dicom/read/elements.ts";
import { dicomError } from "../../dicom/read/elements.ts";
import type { FrameAttributes } from "../../dicom/read/frame-attributes.ts";
import { narrowWindows, statedWindows } from "../../dicom/read/grey.ts";
import { withoutPixels } from "../../dicom/read/image-layout.ts";
import { openImages } from "../../dicom/read/open-images.ts";
import { type DicomFile, parseDicom } from "../../dicom/read/parse.ts";
import { attributeText, KEPT_ATTRIBUTES, type NamedAttribute, notUnderstood } from "./attributes.ts";

/** Longest file that is read, in bytes. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

const SOP_CLASS = 0x00080016;
const SOP_INSTANCE = 0x00080018;
const IMAGE_TYPE = 0x00080008;
const SERIES_DESCRIPTION = 0x0008103e;
const WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6";
const PLANE_POSITION = 0x00209113;
const PLANE_ORIENTATION = 0x00209116;
const DICOMDIR_CLASS = "1.2.840.10008.1.3.10";

/** Modalities whose pictures are photographs of a screen or hold text as a rule. */
const OFTEN_ANNOTATED = new Set(["US", "IVUS", "SC", "OT", "DOC", "XC", "ES", "GM", "OP"]);
const SECONDARY_CAPTURE = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.7(\.|$)/;

/** What may stand in the way of sharing a picture. */
interface Cautions {
  /** `stated`: the file says that text is burned in. `likely`: it says nothing and is of a kind that often has some. */
  readonly burnedIn: "no" | "likely" | "stated";
  /** The file says that a face may be recognised. */
  readonly face: boolean;
  readonly privateElements: number;
  readonly overlays: boolean;
}

/** One file with pixels: all that an import keeps of it before it decodes. */
export interface Instance {
  /** Path relative to the source, forward slashes. */
  readonly path: string;
  readonly frames: number;
  readonly patient: string;
  readonly study: string;
  readonly series: string;
  readonly seriesNumber: number;
  readonly instanceNumber: number;
  /** Where each frame lies along the normal of its plane, in mm; NaN where that is not said. */
  readonly positions: readonly number[];
  /** Cells of the kept attributes by column. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly label: string;
  /** As a table of labels says it. */
  readonly split?: string;
  /** Boxes as a table of labels has them: x_min, y_min, x_max, y_max in pixels, several with `;`. */
  readonly box?: readonly string[];
  /** SOP Instance UID, empty where there is none. */
  readonly instanceUid: string;
  /** What kind of picture beside the ones that a study is made for it is; null for those. */
  readonly aside: string | null;
  /** Keywords of the patient's attributes that say something which is not understood. */
  readonly notUnderstood: readonly string[];
  /** The file has a window that is narrower than one step of its values, which is not used. */
  readonly narrowWindow: boolean;
  readonly cautions: Cautions;
  readonly colour: boolean;
  /** True where a frame says nothing of how its grey is to be shown. */
  readonly needsRange: boolean;
  /** Names of the windows that the file offers for its first frame. */
  readonly windows: readonly string[];
  readonly oddities: readonly string[];
}

/** What a look at a file finds: pixels, or the reason why it has none. */
export type Found = { readonly instance: Instance } | { readonly skipped: string };

/** What is asked of each file. */
export interface InstanceOptions {
  /** Attribute that is the class; `folder` for the first folder of the path. Defaults to none. */
  readonly label?: NamedAttribute | "folder" | undefined;
  /** Attribute that tells patients apart. */
  readonly patient: NamedAttribute;
}

/** Reads and parses a file of the source. @throws GanglionError `files` or `image` */
export async function readDicomFile(root: string, path: string): Promise<DicomFile> {
  const whole = join(root, path);
  let bytes: Uint8Array;
  try {
    if ((await stat(whole)).size > MAX_FILE_BYTES) {
      throw dicomError(path, "too-long", "the file is longer than 2 GiB, the most that is read; split it first");
    }
    bytes = await readInside(root, path, "follow");
  } catch (error) {
    // Of a file that was opened, the cause is what the system said.
    const cause = error instanceof GanglionError && error.code === "files" ? (error.cause ?? error) : error;
    if (isNotAFile(cause)) throw dicomError(path, "unreadable", "this is no file; remove it from the folder", cause);
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    const { message } = fileError("read", path, cause);
    throw dicomError(path, "unreadable", message.replace(`cannot read ${path}: `, ""), cause);
  }
  return parseDicom(bytes, path);
}

/** Looks at a file without decoding its pixels. @throws GanglionError `image` with one line */
export function readInstance(file: DicomFile, options: InstanceOptions): Found {
  const { dataset, name } = file;
  const modality = KEPT_ATTRIBUTES.modality!(dataset);
  const missing = withoutPixels(dataset);
  if (missing !== undefined) {
    const directory = dataset.text(SOP_CLASS) === DICOMDIR_CLASS || dataset.elements.has(0x00041220);
    if (directory) return { skipped: "a directory of files (DICOMDIR)" };
    return { skipped: modality === "" ? missing : `${missing} (${modality})` };
  }
  const images = openImages(file);
  const { layout, attributes } = images;
  images.check();
  const frames = Array.from({ length: Math.min(layout.frames, 100_000) }, (_, i) => i);
  const identity = identityOf(file, options.patient);
  return {
    instance: {
      path: name,
      frames: layout.frames,
      ...identity,
      seriesNumber: dataset.decimals(0x00200011)[0] ?? 0,
      instanceNumber: dataset.decimals(0x00200013)[0] ?? 0,
      positions: frames.map((frame) => positionOf(attributes, frame)),
      attributes: Object.fromEntries(Object.entries(KEPT_ATTRIBUTES).map(([column, read]) => [column, read(dataset)])),
      label: labelOf(file, options.label),
      instanceUid: dataset.text(SOP_INSTANCE) ?? "",
      aside: asideOf(dataset, modality),
      notUnderstood: notUnderstood(dataset),
      narrowWindow: narrowWindows(attributes, 0).length > 0,
      cautions: cautionsOf(dataset, modality),
      colour: layout.samples === 3 || layout.photometric === "PALETTE COLOR",
      needsRange: frames.some((frame) => images.needsRange(frame)),
      windows: statedWindows(attributes, 0).map((window) => window.name),
      oddities: [...file.oddities, ...images.oddities],
    },
  };
}

/** A patient that nobody names: that of a study. */
export const ofStudy = (study: string): string => `study\0${study}`;

/** Kinds of pictures of a slide beside its tiles (PS3.3 section C.8.12.4.1.1). */
const SLIDE_KINDS: Readonly<Record<string, string>> = {
  LABEL: "label images of slides",
  OVERVIEW: "overview images of slides",
  THUMBNAIL: "thumbnails of slides",
  LOCALIZER: "thumbnails of slides",
};
const PLANNING = new Set(["LOCALIZER", "SCOUT", "TOPOGRAM", "SURVEY"]);
/** Of series of slices: pictures to plan them by, as makers and hospitals call them. */
const PLANNING_SERIES =
  /(^|[^a-z])(locali[sz]ers?|scouts?|topogram\w*|scanogram\w*|surview|survey|(3|three)[-_ ]?pl(ane)?[-_ ]*loc)([^a-z]|$)/i;
const SLICES = new Set(["CT", "MR", "PT"]);

function asideOf(dataset: DicomDataset, modality: string): string | null {
  const types = dataset.texts(IMAGE_TYPE).map((text) => text.toUpperCase());
  if (modality === "SM" || dataset.text(SOP_CLASS) === WHOLE_SLIDE) return SLIDE_KINDS[types[2] ?? ""] ?? null;
  const named = SLICES.has(modality) && PLANNING_SERIES.test(dataset.text(SERIES_DESCRIPTION) ?? "");
  return named || types.some((type) => PLANNING.has(type)) ? "localizers or scouts" : null;
}

function identityOf({ dataset, name }: DicomFile, patient: NamedAttribute) {
  const series = dataset.text(0x0020000e) ?? name;
  const study = dataset.text(0x0020000d) ?? series;
  const id = attributeText(dataset, patient);
  // The same number given by two hospitals is two people. Without one a study is a patient alone.
  return { patient: id === "" ? ofStudy(study) : `${dataset.text(0x00100021) ?? ""}\0${id}`, study, series };
}

function labelOf(file: DicomFile, label: InstanceOptions["label"]): string {
  if (label === undefined) return "";
  const found = label === "folder" ? firstFolder(file.name) : attributeText(file.dataset, label);
  if (found !== "") return found;
  const message =
    label === "folder"
      ? "the file is next to the folders of the classes (--label folder); move it into one"
      : `${label.keyword} (--label) is empty or missing; choose another attribute or remove the file`;
  throw dicomError(file.name, "empty-label", message);
}

function firstFolder(path: string): string {
  const slash = path.indexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

function cautionsOf(dataset: DicomDataset, modality: string): Cautions {
  const stated = dataset.text(0x00280301)?.toUpperCase();
  const captured = SECONDARY_CAPTURE.test(dataset.text(SOP_CLASS) ?? "") || dataset.has(0x00080064);
  const likely = stated === undefined && (captured || OFTEN_ANNOTATED.has(modality));
  const tags = [...dataset.elements.keys()];
  return {
    burnedIn: stated === "YES" ? "stated" : likely ? "likely" : "no",
    face: dataset.text(0x00280302)?.toUpperCase() === "YES",
    privateElements: tags.filter((tag) => (tag >>> 16) % 2 === 1).length,
    overlays: tags.some((tag) => tag >>> 24 === 0x60 && (tag >>> 16) % 2 === 0),
  };
}

/** Distance of a frame along the normal of its plane (PS3.3 section C.7.6.2.1.1), in mm. */
function positionOf(attributes: FrameAttributes, frame: number): number {
  const at = attributes.of(frame, PLANE_POSITION).decimals(0x00200032);
  const along = attributes.of(frame, PLANE_ORIENTATION).decimals(0x00200037);
  if (at.length !== 3 || along.length !== 6) return Number.NaN;
  const [ax, ay, az, bx, by, bz] = along;
  return at[0]! * (ay! * bz! - az! * by!) + at[1]! * (az! * bx! - ax! * bz!) + at[2]! * (ax! * by! - ay! * bx!);
}
