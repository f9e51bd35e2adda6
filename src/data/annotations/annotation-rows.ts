import { counted } from "../../core/counted.ts";
import { throwIfProblems } from "../../core/errors.ts";
import { listed, named } from "../../core/quoted.ts";
import { readFileHeader } from "../image-file.ts";
import { FileIndex } from "../layout/file-index.ts";
import type { Reading } from "../layout/reading.ts";
import { splitIn } from "../layout/split-names.ts";
import { joinKey, type RowOfTable, type Rows } from "../layout/unite-tables.ts";
import { takeOut } from "../layout/walk.ts";
import { mapLimited } from "../parallel.ts";
import { type AnnotatedImage, countsOf, LeftOut } from "./annotated-image.ts";
import { type AnnotationFiles, readAnnotations } from "./read-annotations.ts";
import type { Drawn, Shape } from "./shapes.ts";
import { ringOf } from "./shapes.ts";

/** Columns of the rows that annotations become. */
const FILE = "image";
export const CATEGORY = "category";
/** The same, where folders or a table say the class. */
const OBJECTS = "objects";
const BOX = ["x_min", "y_min", "x_max", "y_max"] as const;

/** Category of objects that have no name, where others have one. */
const UNNAMED = "unnamed";
/** Category of an image in which nothing is drawn, where others have objects. */
const NEGATIVE = "negative";

/** Option that leaves out what cannot be read. */
const SKIP = "--skip-damaged leaves it out";

/** Rows of annotations, and the regions that they draw. */
export interface AnnotationRows extends Rows {
  readonly drawn: ReadonlyMap<string, Drawn>;
}

/** The name by which an image of an annotation is found: the first that is that of one file. */
function nameOf({ names }: AnnotatedImage, base: string, index: FileIndex): string | null {
  return (
    names.find((name) => index.find(name, base).paths.length === 1) ?? names.find((name) => index.knows(name)) ?? null
  );
}

const folderOf = (path: string): string => path.split("/").slice(0, -1).join("/");

/** What the formats make of the images of a folder: how many they speak of. */
function matched({ files }: AnnotationFiles, index: FileIndex): number {
  return files.reduce((n, { path, images }) => {
    const base = folderOf(path);
    return n + images.filter((image) => nameOf(image, base, index) !== null).length;
  }, 0);
}

/** Annotations of the images of a folder, null where there are none; two formats that fit are said and neither is taken. */
async function findAnnotations(reading: Reading, index: FileIndex, leftOut: LeftOut): Promise<AnnotationFiles | null> {
  const { root, options, look, notes } = reading;
  const { tree } = await look();
  const wanted = options.annotations;
  if (wanted === "") return null;
  const paths = tree.annotations.filter(
    (path) => wanted === undefined || path === wanted || path.startsWith(`${wanted.replace(/\/$/, "")}/`),
  );
  const { formats: found, damaged } = await readAnnotations(
    root,
    paths,
    (stem) => isLabelOf(stem, index),
    options.links ?? "follow",
    leftOut,
  );
  if (options.skipDamaged !== true) {
    for (const path of damaged) {
      const message = `the annotations are cut short or damaged; restore the file from its source, or remove it (inspect and import: ${SKIP})`;
      reading.problems.push({ code: "damaged-annotations", path, message });
    }
  } else if (damaged.length > 0)
    notes.push(`annotations that are cut short or damaged are left out: ${listed(damaged)}`);
  const fitting = found.filter((one) => matched(one, index) > 0);
  if (fitting.length === 0) {
    if (wanted !== undefined) {
      const what =
        found.length === 0 ? "no annotation file of a known format" : "no annotation of an image of the folder";
      throwIfProblems("dataset", reading.headline, [
        ...reading.problems,
        {
          code: "no-annotations",
          path: wanted,
          message: `there is ${what} (annotations, ${options.origin ?? "mapping"})`,
        },
      ]);
    }
    return null;
  }
  if (fitting.length > 1) {
    const each = fitting.map(
      ({ format, files }) => `${format} (${named(files[0]!.path)}${files.length > 1 ? " and so on" : ""})`,
    );
    notes.push(
      `annotations of several formats fit the images, and none is taken: ${each.join(", ")}; name a file or folder as "annotations" in a mapping (import --plan, --mapping)`,
    );
    return null;
  }
  return fitting[0]!;
}

/** `labels/1` and `1` are label files of `images/1`. */
const isLabelOf = (stem: string, index: FileIndex): boolean =>
  index.knows(stem) || index.knows(stem.replace(/(^|\/)labels(?=\/)/i, "$1images"));

/** Lengths of an image's objects in pixels of the image; size by the image itself where they are shares, or of none stated. */
async function inPixels(image: AnnotatedImage, path: string, reading: Reading): Promise<AnnotatedImage> {
  if (image.size !== null && image.inShares !== true) return image;
  const size = await shownSize(reading, path);
  if (size === null || image.inShares !== true) return { ...image, size };
  const scaled = (values: readonly number[]) =>
    values.map((value, i) => value * (i % 2 === 0 ? size.width : size.height));
  const objects = image.objects.map(({ category, box, shape }) => ({
    category,
    box: box === null ? null : (scaled(box) as unknown as typeof box),
    shape: shape?.kind === "rings" ? { ...shape, rings: shape.rings.map(scaled) } : shape,
  }));
  return { ...image, size, objects };
}

/** Images whose size is held against what their annotations say of it. */
const CHECKED = 24;

/** Size of an image as it is shown; null where it cannot be read, which whoever decodes it reports. */
async function shownSize({ root, options }: Reading, path: string): Promise<AnnotatedImage["size"]> {
  const header = await readFileHeader(root, path, options.links).catch(() => null);
  if (header === null) return null;
  const { width, height, turned } = header;
  return turned ? { width: height, height: width } : { width, height };
}

/** An image with its annotation, where that is, and its file. */
interface Placed {
  readonly image: AnnotatedImage;
  readonly path: string;
  readonly place: number;
  readonly file: string;
}

/** Annotations of images of another size are problems: their lengths are of other pixels. */
async function checkSizes(reading: Reading, entries: readonly Placed[]): Promise<void> {
  const step = Math.max(1, Math.floor(entries.length / CHECKED));
  const some = entries.filter((_, i) => i % step === 0).slice(0, CHECKED);
  const sizes = await mapLimited(some, 4, ({ file }) => shownSize(reading, file));
  some.forEach(({ image, path, place, file }, i) => {
    const [stated, shown] = [image.size, sizes[i]];
    if (stated === null || shown == null) return;
    if (stated.width === shown.width && stated.height === shown.height) return;
    const message = `the annotations are of ${stated.width} x ${stated.height} pixels, and ${named(file)} has ${shown.width} x ${shown.height}; give the images that were annotated, or export the annotations for these`;
    reading.problems.push({ code: "annotation-size", path: `${path}:${place}`, message });
  });
}

const cell = (value: number): string => String(Math.round(value * 1000) / 1000);

/** Cells of a box, cut at the edges of the image. */
function boxCells(box: AnnotatedImage["objects"][number]["box"], size: AnnotatedImage["size"]): string[] {
  if (box === null) return ["", "", "", ""];
  const [width, height] = size === null ? [Infinity, Infinity] : [size.width, size.height];
  const inside = box.map((value, i) => Math.min(i % 2 === 0 ? width : height, Math.max(0, value)));
  return inside[0]! < inside[2]! && inside[1]! < inside[3]! ? inside.map(cell) : ["", "", "", ""];
}

/** The regions of an image as one: objects that have a box alone fill it, where others have a shape; null where none has. */
function drawnOf({ objects, size }: AnnotatedImage): Drawn | null {
  if (size === null || !objects.some(({ shape }) => shape !== null)) return null;
  const shapes = objects.flatMap(({ shape, box }): Shape[] => {
    if (shape !== null) return [shape];
    return box === null ? [] : [{ kind: "rings", rings: [ringOf(box)] }];
  });
  return { ...size, shapes };
}

/**
 * The annotations of a folder as rows of a table: one for each object, with its category and its box; null where there are none.
 * Which columns they make: `image`, the four of a box, and `category`, or `objects` where something else says the class.
 * @param ofOthers Folders or a table say the class.
 */
export async function annotationRows(reading: Reading, ofOthers: boolean): Promise<AnnotationRows | null> {
  const { look, notes } = reading;
  const { tree, images } = await look();
  if (images.length === 0 || (tree.annotations.length === 0 && !reading.options.annotations)) return null;
  const index = new FileIndex(images);
  const leftOut = new LeftOut();
  const found = await findAnnotations(reading, index, leftOut);
  if (found === null) return null;
  const rows: RowOfTable[] = [];
  const drawn = new Map<string, Drawn>();
  const splits = new Set(
    found.files.map(({ path }) => splitIn(path.slice(path.lastIndexOf("/") + 1).replace(/\.[^.]+$/, ""))?.split),
  );
  const tellsSplit = found.files.length > 1 && splits.size > 1 && !splits.has(undefined);
  const entries = found.files.flatMap(({ path, images: own }) =>
    own.map((image, i) => ({ path, image, place: i + 1 })),
  );
  // Objects without any name say no class.
  const hasClasses = ofOthers || !entries.some(({ image }) => image.objects.some(({ category }) => category !== ""));
  let elsewhere = 0;
  let unread = 0;
  const sized = await mapLimited(entries, 8, async ({ path, image, place }) => {
    const base = folderOf(path);
    const name = nameOf(image, base, index);
    if (name === null) return null;
    const file = index.find(name, base).paths;
    return { path, place, base, name, image: await inPixels(image, file[0]!, reading) };
  });
  for (const one of sized) {
    if (one === null) {
      elsewhere++;
      continue;
    }
    const { path, place, base, name, image } = one;
    const where = `${path}:${place}`;
    if (!hasClasses && image.objects.length === 0 && image.leftOut.length > 0) {
      unread++;
      const kinds = listed([...countsOf(image.leftOut)].map(([kind, n]) => `${kind} (${n})`));
      const message = `nothing that is drawn in ${named(name)} can be read, so that its class is unknown: ${kinds}; correct the file, or leave the image out (inspect and import: ${SKIP})`;
      if (reading.options.skipDamaged !== true)
        reading.problems.push({ code: "annotation-objects", path: where, message });
      continue;
    }
    const split = tellsSplit
      ? splitIn(path.slice(path.lastIndexOf("/") + 1).replace(/\.[^.]+$/, ""))?.split
      : undefined;
    const region = drawnOf(image);
    if (region !== null) drawn.set(where, region);
    const objects =
      image.objects.length > 0 ? image.objects : [{ category: hasClasses ? "" : NEGATIVE, box: null, shape: null }];
    for (const { category, box } of objects) {
      rows.push({
        cells: [name, category === "" && !hasClasses ? UNNAMED : category, ...boxCells(box, image.size)],
        where,
        base,
        split,
      });
    }
  }
  const placed = sized.flatMap((one) =>
    one === null ? [] : [{ ...one, file: index.find(one.name, one.base).paths[0]! }],
  );
  await checkSizes(reading, placed);
  takeOut(
    tree,
    found.files.map(({ path }) => path),
  );
  const paths = found.files.map(({ path }) => path);
  const shown = paths.length === 1 ? named(paths[0]!) : `${paths.length} files, ${named(paths[0]!)} and so on`;
  const boxes = rows.filter(({ cells }) => cells[2] !== "").length;
  notes.push(
    `annotations in the format of ${found.format} (${shown}): ${counted(boxes, "box", "boxes")}, regions in ${counted(drawn.size, "image", "images")}; ${
      hasClasses ? `the categories are kept in column ${OBJECTS}` : "the categories are the classes"
    }`,
  );
  const empty = rows.filter(({ cells }) => cells[1] === NEGATIVE && cells[2] === "").length;
  if (!hasClasses && empty > 0)
    notes.push(
      `${counted(empty, "annotated image holds no object; its", "annotated images hold no object; their")} class is "${NEGATIVE}"`,
    );
  if (unread > 0 && reading.options.skipDamaged === true)
    notes.push(
      `${counted(unread, "annotated image is left out, since nothing that is drawn in it", "annotated images are left out, since nothing that is drawn in them")} can be read`,
    );
  if (elsewhere > 0)
    notes.push(
      `${counted(elsewhere, "annotated image is not in the folder and is", "annotated images are not in the folder and are")} left out`,
    );
  if (leftOut.counts.size > 0) {
    notes.push(`of the annotations are left out: ${listed([...leftOut.counts].map(([kind, n]) => `${kind} (${n})`))}`);
  }
  const header = [FILE, hasClasses ? OBJECTS : CATEGORY, ...BOX];
  return { header, file: FILE, rows, notes: [], problems: [], paths, drawn };
}

/** Adds what annotations say of the images of a table to its rows: their categories, boxes where it has none, and regions. */
export function withAnnotations(table: Rows, found: AnnotationRows): Rows {
  const known = new Set(table.header);
  const names = known.has(BOX[0]) ? [OBJECTS] : [OBJECTS, ...BOX];
  const places = names.map((name) => found.header.indexOf(name));
  const byImage = new Map<string, RowOfTable[]>();
  for (const row of found.rows) {
    const key = joinKey(row.cells[0]!);
    byImage.set(key, [...(byImage.get(key) ?? []), row]);
  }
  const at = table.header.indexOf(table.file);
  const drawn = new Map<string, Drawn>();
  const seen = new Set<string>();
  const rows = table.rows.map((row) => {
    const key = joinKey(row.cells[at]!);
    const own = byImage.get(key) ?? [];
    const region = own.map(({ where }) => found.drawn.get(where)).find((one) => one !== undefined);
    if (region !== undefined) drawn.set(row.where, region);
    // Boxes go to the first row of an image.
    const boxed = seen.has(key) ? [] : own.filter(({ cells }) => cells[2] !== "");
    seen.add(key);
    const added = places.map((i) =>
      i === 1
        ? [...new Set(own.map(({ cells }) => cells[1]!))].join(";")
        : boxed.map(({ cells }) => cells[i]!).join(";"),
    );
    return { ...row, cells: [...row.cells, ...added] };
  });
  return { ...table, header: [...table.header, ...names], rows, drawn, notes: table.notes };
}
