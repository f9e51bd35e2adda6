import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GanglionError, invariant } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { sha256 } from "../../core/hash.ts";
import { formatCsvRow } from "../../data/csv.ts";
import { encodePng } from "../../data/image.ts";
import { mapLimited } from "../../data/parallel.ts";
import { encodeDicom } from "../../dicom/write/encode.ts";
import { subjectId, syntheticImage } from "../../dicom/write/synthetic-image.ts";
import { uidOf } from "../../dicom/write/uid.ts";
import type { PackageFormat, PackageOptions, ReleaseContent, ReleaseImage, WrittenPackage } from "../package-writer.ts";
import { DEFAULT_DICOM_OPTIONS, type DicomOptions } from "./options.ts";

/** Longest side of an image: Rows and Columns are 16-bit numbers. */
const LONGEST_SIDE = 65535;
const IN_FLIGHT = 4;
/** File that names the objects of a release, their classes and UIDs. */
export const DICOM_TABLE = "metadata.csv";
/** Columns of metadata.csv that are always there, in order. */
const COLUMNS = [
  "file_name",
  "label",
  "sop_instance_uid",
  "series_instance_uid",
  "study_instance_uid",
  "patient_id",
  "seed",
  "generator",
] as const;

/** Ids of all objects of a release, made from its content: the same content has the same ones. */
interface ReleaseIds {
  readonly seed: string;
  /** Eight digits that name the release in patient ids. */
  readonly short: string;
}

function idsOf(content: ReleaseContent, options: DicomOptions): ReleaseIds {
  const { hash, name, date, version } = content;
  const seed = sha256(JSON.stringify(["ganglion dicom", hash, name, date, version, options]));
  return { seed, short: seed.slice(0, 8) };
}

/** The kind `dicom` of a package: one object an image, a study for each class, a table beside them. */
export function dicomFormat(options: DicomOptions = DEFAULT_DICOM_OPTIONS): PackageFormat {
  return {
    name: "dicom",
    check: (content) => checkContent(content, options),
    write: (content, folder, packageOptions) => writeObjects(content, options, folder, packageOptions),
  };
}

function checkContent(content: ReleaseContent, options: DicomOptions): string[] {
  const unknown = Object.keys(options.classes).filter((name) => !content.classes.includes(name));
  const known = content.classes.join(", ");
  const problems = unknown.map(
    (name) => `dicom.classes.${name} of the config names no class of the release; the classes are ${known}`,
  );
  const columns = new Set(content.images.flatMap(({ attributes }) => Object.keys(attributes)));
  for (const name of [...COLUMNS, "boxes", "mask"]) {
    if (columns.has(name)) problems.push(`column ${name} has the name of one that is written here; rename or drop it`);
  }
  for (const { fileName, width, height } of content.images) {
    if (Math.max(width, height) <= LONGEST_SIDE) continue;
    problems.push(`${fileName} has ${width} x ${height} pixels; DICOM holds ${LONGEST_SIDE} a side at most`);
  }
  return problems;
}

/** `images/nevus/000001.png` as `images/nevus/000001.dcm`. */
const objectName = (fileName: string) => fileName.replace(/\.[^./]*$/, "").concat(".dcm");

async function writeObjects(
  content: ReleaseContent,
  options: DicomOptions,
  folder: string,
  { onProgress, signal }: PackageOptions,
): Promise<WrittenPackage> {
  const { images, classes } = content;
  const ids = idsOf(content, options);
  const numbers = numberWithinClasses(images);
  const names = images.map(({ fileName }) => objectName(fileName));
  invariant(new Set(names).size === names.length, "two images of a release have one name");
  for (const path of new Set(names.map((name) => dirname(name)))) await mkdir(join(folder, path), { recursive: true });

  let done = 0;
  const rows = await mapLimited(images, IN_FLIGHT, async (image, index) => {
    if (signal.aborted) throw new GanglionError("run", "stopped; the release is not complete");
    const pixels = await image.pixels();
    const classNumber = classes.indexOf(image.label) + 1;
    const uids = {
      studyUid: uidOf(ids.seed, "study", image.label),
      seriesUid: uidOf(ids.seed, "series", image.label, String(pixels.channels)),
      instanceUid: uidOf(ids.seed, "instance", image.fileName),
    };
    const dataset = syntheticImage({
      ...uids,
      pixels,
      label: image.label,
      code: options.classes[image.label]!,
      anatomicRegion: options.anatomicRegion ?? undefined,
      comments: wordsOn(image),
      release: content.name,
      releaseId: ids.short,
      classNumber,
      instanceNumber: numbers[index]!,
      date: content.date,
      origin: `Drawn by generator ${image.generator} from seed ${image.seed}`,
      version: content.version,
      syntheticData: options.syntheticData,
    });
    await writeNew(join(folder, names[index]!), encodeDicom(dataset, content.version));
    if (image.mask !== null) {
      await mkdir(dirname(join(folder, image.mask.fileName)), { recursive: true });
      await writeNew(join(folder, image.mask.fileName), await encodePng(await image.mask.pixels()));
    }
    onProgress({ stage: "write", done: ++done, total: images.length, unit: "images" });
    const { studyUid, seriesUid, instanceUid } = uids;
    const patient = subjectId(ids.short, classNumber);
    return [names[index]!, image.label, instanceUid, seriesUid, studyUid, patient, String(image.seed), image.generator];
  });
  await writeNew(join(folder, DICOM_TABLE), tableOf(images, rows));
  return described(content);
}

/** The folder is a new one that gets its name when all is written: files need no temporary name of their own. */
async function writeNew(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(path, content, { flag: "wx" }).catch((cause) => {
    throw fileError("write", path, cause);
  });
}

/** Number of each image within its class, from 1. */
function numberWithinClasses(images: readonly ReleaseImage[]): number[] {
  const counts = new Map<string, number>();
  return images.map(({ label }) => {
    const number = (counts.get(label) ?? 0) + 1;
    counts.set(label, number);
    return number;
  });
}

/** `label: nevus; tone: III; boxes: 3 4 20 21`; a box that has columns of its own is not said twice. */
function wordsOn({ label, attributes, boxes }: ReleaseImage): string {
  const said = [["label", label], ...Object.entries(attributes).filter(([, value]) => value !== "")];
  if (boxes.length > 0 && !hasBoxColumns(attributes)) said.push(["boxes", boxesText(boxes)]);
  return said.map(([name, value]) => `${name}: ${value}`).join("; ");
}

const hasBoxColumns = (attributes: ReleaseImage["attributes"]) => Object.hasOwn(attributes, "x_min");

const boxesText = (boxes: ReleaseImage["boxes"]) => boxes.map((box) => box.join(" ")).join(", ");

function tableOf(images: readonly ReleaseImage[], rows: readonly (readonly string[])[]): string {
  const attributes = [...new Set(images.flatMap((image) => Object.keys(image.attributes)))];
  const boxes = images.some((image) => image.boxes.length > 0 && !hasBoxColumns(image.attributes));
  const masks = images.some(({ mask }) => mask !== null);
  const header = [...COLUMNS, ...attributes, ...(boxes ? ["boxes"] : []), ...(masks ? ["mask"] : [])];
  const lines = images.map((image, i) => [
    ...rows[i]!,
    ...attributes.map((name) => image.attributes[name] ?? ""),
    ...(boxes ? [boxesText(image.boxes)] : []),
    ...(masks ? [image.mask?.fileName ?? ""] : []),
  ]);
  return [header, ...lines].map((cells) => formatCsvRow(cells)).join("");
}

function described({ images }: ReleaseContent): WrittenPackage {
  const masks = images.some(({ mask }) => mask !== null);
  return {
    contents: {
      images: "One DICOM object an image: Secondary Capture for grey, VL Photographic for colour.",
      [DICOM_TABLE]: "Class, UIDs and additional columns of each object.",
      ...(masks ? { masks: "Region that was asked for in each image, as PNG: white inside." } : {}),
    },
    notes: [
      "Each class is one study of an invented subject, SYNTHETIC^0001 and so on: a subject stands for a class, not for a person.",
      "Every object says that it is synthetic: Conversion Type SYN, Image Type DERIVED, Quality Control Image YES, and in words in its patient, derivation and series attributes.",
      "UIDs are made from the content of the release: the same release has the same ones.",
    ],
  };
}
