import { type Links, readInside } from "../../core/inside-folder.ts";
import { mapLimited } from "../parallel.ts";
import type { AnnotatedImage, LeftOut } from "./annotated-image.ts";
import { readCoco, readGeoJson, readLabelMe, readLabelStudio } from "./json-formats.ts";
import { fromZero, parseXml, readCvat, readVoc } from "./xml-formats.ts";
import { isYolo, readYolo, yamlNames } from "./yolo.ts";

/** Kinds of annotation files that are read, as messages name them. */
type AnnotationFormat = "COCO" | "CVAT" | "Label Studio" | "LabelMe" | "PASCAL VOC" | "YOLO" | "QuPath GeoJSON";

/** Share of the label files of which all lines are of YOLO, from which the others are thought to be damaged. */
const MOSTLY = 0.8;

/** Some files, from the first to the last. */
function spread(paths: readonly string[]): string[] {
  const step = Math.max(1, Math.floor(paths.length / FIRST));
  return paths.filter((_, i) => i % step === 0).slice(0, FIRST);
}

/** Whether texts are label files of YOLO, empty ones among them. */
function areYolo(texts: readonly string[]): boolean {
  const filled = texts.filter((text) => text.trim() !== "");
  return texts.length > 0 && filled.filter(isYolo).length >= MOSTLY * filled.length;
}

/** What one file says. */
interface FileContent {
  readonly format: AnnotationFormat;
  readonly images: readonly AnnotatedImage[];
}

/** In place of its content: the file begins as its ending says, and ends before it is whole. */
const DAMAGED = "damaged";

/** Words that annotations of the known formats begin with. */
const ANNOTATION =
  /"(annotations|bbox|categories|completions|features|file_name|imagePath|segmentation|shapes)"\s*:|<annotations?[\s>]/;
/** Characters in which these are looked for. */
const BEGINNING = 65_536;

/** What was read of the files of a folder. */
export interface FoundAnnotations {
  readonly formats: readonly AnnotationFiles[];
  /** Files of annotations that are cut short or damaged, by their paths. */
  readonly damaged: readonly string[];
}

/** Files of one format. */
export interface AnnotationFiles {
  readonly format: AnnotationFormat;
  readonly files: readonly { readonly path: string; readonly images: readonly AnnotatedImage[] }[];
}

const MAX_BYTES = 256 * 2 ** 20;
/** Files of an ending that are looked at before all are read. */
const FIRST = 12;

const endingOf = (path: string): string => path.slice(path.lastIndexOf(".") + 1).toLowerCase();

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}

function ofJson(text: string, path: string, leftOut: LeftOut): FileContent | typeof DAMAGED | null {
  const value = parseJson(text);
  if (value === undefined) return DAMAGED;
  const coco = readCoco(value, leftOut);
  if (coco !== null) return { format: "COCO", images: coco };
  const labelMe = readLabelMe(value, path, leftOut);
  if (labelMe !== null) return { format: "LabelMe", images: [labelMe] };
  const geo = readGeoJson(value, path, leftOut);
  if (geo !== null) return { format: "QuPath GeoJSON", images: [geo] };
  const studio = readLabelStudio(value, leftOut);
  return studio === null ? null : { format: "Label Studio", images: studio };
}

async function ofXml(text: string, path: string, leftOut: LeftOut): Promise<FileContent | typeof DAMAGED | null> {
  const root = await parseXml(text);
  if (root === undefined) return DAMAGED;
  if (root === null) return null;
  const cvat = readCvat(root, leftOut);
  if (cvat !== null) return { format: "CVAT", images: cvat };
  const voc = readVoc(root, path, leftOut);
  return voc === null ? null : { format: "PASCAL VOC", images: [voc] };
}

/** Names of classes of YOLO for a label file: those of the nearest `data.yaml` or list around it. */
type NamesOf = (path: string) => readonly string[];

const LISTS = /(^|\/)(classes|obj|_darknet\.labels|labels)\.(txt|names)$|\.names$|_darknet\.labels$/i;

async function yoloNames(paths: readonly string[], read: (path: string) => Promise<string>): Promise<NamesOf> {
  const lists: { folder: string; names: readonly string[] }[] = [];
  for (const path of paths) {
    const isYaml = /\.ya?ml$/i.test(path);
    if (!isYaml && !LISTS.test(path)) continue;
    const text = await read(path);
    const names = isYaml
      ? yamlNames(text)
      : text
          .split(/\r?\n/)
          .map((line) => line.trim())
          .filter((line) => line !== "");
    if (names.length > 0) lists.push({ folder: path.split("/").slice(0, -1).join("/"), names });
  }
  const holds = (folder: string, path: string) => folder === "" || path.startsWith(`${folder}/`);
  return (path) => {
    const around = lists.filter(({ folder }) => holds(folder, path)).sort((a, b) => b.folder.length - a.folder.length);
    return (around[0] ?? lists[0])?.names ?? [];
  };
}

/**
 * Reads what of some files are annotations of a known format.
 * @param paths JSON, XML, text and YAML files of a folder.
 * @param isImage Whether a file is called as an image of the folder, which label files of YOLO are.
 */
export async function readAnnotations(
  root: string,
  paths: readonly string[],
  isImage: (stem: string) => boolean,
  links: Links,
  leftOut: LeftOut,
): Promise<FoundAnnotations> {
  const read = async (path: string): Promise<string> => {
    const bytes = await readInside(root, path, links).catch(() => null);
    return bytes === null || bytes.length > MAX_BYTES ? "" : new TextDecoder().decode(bytes);
  };
  const found = new Map<AnnotationFormat, { path: string; images: readonly AnnotatedImage[] }[]>();
  const damaged: string[] = [];
  const keep = (path: string, content: FileContent | typeof DAMAGED | null): void => {
    if (content === null) return;
    if (content === DAMAGED) {
      damaged.push(path);
      return;
    }
    const files = found.get(content.format) ?? [];
    files.push({ path, images: content.images });
    found.set(content.format, files);
  };
  for (const endings of [["json", "geojson"], ["xml"]]) {
    const own = paths.filter((path) => endings.includes(endingOf(path)));
    const parse = async (path: string) => {
      const text = await read(path);
      const content = await (endings[0] === "xml" ? ofXml(text, path, leftOut) : ofJson(text, path, leftOut));
      return content === DAMAGED && !ANNOTATION.test(text.slice(0, BEGINNING)) ? null : content;
    };
    // Many files of another kind, as one of notes an image, are not all opened.
    const some = spread(own);
    const first = await mapLimited(some, 4, parse);
    if (first.every((content) => content === null)) continue;
    const seen = new Map(some.map((path, i) => [path, first[i]!]));
    const all = await mapLimited(own, 8, async (path) => (seen.has(path) ? seen.get(path)! : parse(path)));
    own.forEach((path, i) => {
      keep(path, all[i]!);
    });
  }
  const labels = paths.filter((path) => endingOf(path) === "txt" && !LISTS.test(path) && isImage(path.slice(0, -4)));
  const looked = await mapLimited(spread(labels), 4, read);
  if (areYolo(looked)) {
    const texts = await mapLimited(labels, 8, read);
    if (areYolo(texts)) {
      const names = await yoloNames(paths, read);
      labels.forEach((path, i) => {
        keep(path, { format: "YOLO", images: [readYolo(texts[i]!, path, names(path), leftOut)] });
      });
    }
  }
  const formats = [...found].map(([format, files]) => ({
    format,
    files: format === "PASCAL VOC" ? countedFromZero(files) : format === "COCO" ? instances(files) : files,
  }));
  return { formats, damaged };
}

function countedFromZero(files: AnnotationFiles["files"]): AnnotationFiles["files"] {
  const images = fromZero(files.flatMap((file) => file.images));
  return files.map(({ path }, i) => ({ path, images: [images[i]!] }));
}

/** Of the files of COCO those of instances, where others say captions, keypoints or scenes of the same images. */
function instances(files: AnnotationFiles["files"]): AnnotationFiles["files"] {
  const named = files.filter(({ path }) => /instances/i.test(path.slice(path.lastIndexOf("/") + 1)));
  return named.length > 0 ? named : files;
}
