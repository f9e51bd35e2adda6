import {
  type AnnotatedImage,
  type AnnotatedObject,
  finite,
  type LeftOut,
  list,
  numbers,
  record,
  ringOfPoints,
  sizeOf,
  WITHOUT_EXTENT,
} from "./annotated-image.ts";
import { brushCounts, cocoCounts } from "./run-lengths.ts";
import { type Corners, ellipseRing, ringExtent, ringOf, runExtent, type Shape } from "./shapes.ts";

const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/** An object of rings, with their extent as its box; null where they have none. */
export function ofRings(category: string, rings: readonly (readonly number[])[]): AnnotatedObject | null {
  const box = ringExtent(rings);
  return box === null ? null : { category, box, shape: { kind: "rings", rings } };
}

/** A corner and a size as corners; null without extent. */
function cornersOf(x: unknown, y: unknown, width: unknown, height: unknown): Corners | null {
  const found = numbers([x, y, width, height]);
  if (found === null) return null;
  const [left, top, w, h] = found as [number, number, number, number];
  return w > 0 && h > 0 ? [left, top, left + w, top + h] : null;
}

/** The region of COCO's `segmentation`: polygons, or run lengths as numbers or compressed; null for none. */
function cocoShapes(segmentation: unknown): Shape[] | null {
  if (Array.isArray(segmentation)) {
    const rings = segmentation.map((ring) => numbers(list(ring)));
    const whole = rings.filter((ring): ring is number[] => ring !== null && ring.length >= 6 && ring.length % 2 === 0);
    // Each polygon is a part of its own; where they overlap they do not make holes.
    return whole.map((ring) => ({ kind: "rings", rings: [ring] }));
  }
  const { size, counts } = record(segmentation);
  const side = sizeOf(list(size)[1], list(size)[0]);
  const read = typeof counts === "string" ? cocoCounts(counts) : numbers(list(counts));
  if (side === null || read === null || read.length === 0 || read.some((count) => count < 0)) return null;
  return [{ kind: "runs", counts: read, by: "columns", left: 0, top: 0, ...side }];
}

/** COCO (cocodataset.org/#format-data): one file of images, categories, and objects with boxes and regions. */
export function readCoco(value: unknown, leftOut: LeftOut): AnnotatedImage[] | null {
  const { images, annotations, categories } = record(value);
  if (!Array.isArray(images) || !Array.isArray(annotations)) return null;
  const drawn = annotations.some((one) => "bbox" in record(one) || "segmentation" in record(one));
  if (annotations.length > 0 && !drawn) return null;
  const names = new Map(list(categories).map((one) => [text(record(one).id), text(record(one).name)]));
  const byImage = new Map<string, AnnotatedObject[]>();
  const without = new Map<string, string[]>();
  for (const one of annotations.map(record)) {
    const category = names.get(text(one.category_id)) ?? text(one.category_id);
    const [x, y, width, height] = list(one.bbox);
    const shapes = one.segmentation === undefined ? null : cocoShapes(one.segmentation);
    const objects: AnnotatedObject[] = (shapes ?? []).map((shape) => {
      const extent = shape.kind === "runs" ? runExtent(shape) : shape.kind === "rings" ? ringExtent(shape.rings) : null;
      return { category, box: extent, shape };
    });
    // The stated box of an object stands for its parts.
    const box = cornersOf(x, y, width, height) ?? unitedBox(objects);
    const key = text(one.image_id);
    if (box === null && objects.length === 0) {
      leftOut.add(WITHOUT_EXTENT);
      without.set(key, [...(without.get(key) ?? []), WITHOUT_EXTENT]);
      continue;
    }
    const parts = objects.map((object, i) => (i === 0 ? { ...object, box } : { ...object, box: null }));
    byImage.set(key, [...(byImage.get(key) ?? []), ...(parts.length > 0 ? parts : [{ category, box, shape: null }])]);
  }
  return images.map(record).map((image) => ({
    names: [text(image.file_name)],
    size: sizeOf(image.width, image.height),
    objects: byImage.get(text(image.id)) ?? [],
    leftOut: without.get(text(image.id)) ?? [],
  }));
}

function unitedBox(objects: readonly AnnotatedObject[]): Corners | null {
  const boxes = objects.flatMap(({ box }) => (box === null ? [] : [box]));
  if (boxes.length === 0) return null;
  const side = (i: 0 | 1 | 2 | 3, pick: (...values: number[]) => number) => pick(...boxes.map((box) => box[i]));
  return [side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)];
}

/** LabelMe (wkentaro/labelme): one file an image, beside it. @param path Of the file, whose name is that of its image. */
export function readLabelMe(value: unknown, path: string, leftOut: LeftOut): AnnotatedImage | null {
  const { shapes, imagePath, imageWidth, imageHeight } = record(value);
  if (!Array.isArray(shapes) || (imagePath === undefined && imageHeight === undefined)) return null;
  const before = leftOut.length;
  const objects = shapes.map(record).flatMap((shape): AnnotatedObject[] => {
    const category = text(shape.label);
    const points = list(shape.points);
    const flat = numbers(points.flatMap((point) => list(point).slice(0, 2))) ?? [];
    const [xa = 0, ya = 0, xb = 0, yb = 0] = flat;
    const box: Corners = [Math.min(xa, xb), Math.min(ya, yb), Math.max(xa, xb), Math.max(ya, yb)];
    const kind = shape.shape_type ?? "polygon";
    if (kind === "polygon") {
      const ring = ringOfPoints(points);
      const found = ring === null ? null : ofRings(category, [ring]);
      if (found !== null) return [found];
    } else if (kind === "rectangle" && flat.length === 4 && box[0] < box[2] && box[1] < box[3]) {
      return [{ category, box, shape: null }];
    } else if (kind === "circle" && flat.length === 4) {
      const radius = Math.hypot(xb - xa, yb - ya);
      const found = ofRings(category, [ellipseRing(xa, ya, radius, radius)]);
      if (found !== null) return [found];
    } else if (kind === "mask" && flat.length === 4 && typeof shape.mask === "string") {
      const corners: Corners = [box[0], box[1], box[2] + 1, box[3] + 1];
      return [{ category, box: corners, shape: { kind: "png", data: shape.mask, left: box[0], top: box[1] } }];
    }
    leftOut.add(`shapes of kind ${text(kind).slice(0, 20) || "unknown"}`);
    return [];
  });
  const own = path.replace(/\.[^./]+$/, "");
  return {
    names: [text(imagePath), own],
    size: sizeOf(imageWidth, imageHeight),
    objects,
    leftOut: leftOut.since(before),
  };
}

/** Names under which Label Studio may know a file: its address, a local file, an upload with eight letters before its name. */
function studioNames(data: Readonly<Record<string, unknown>>): string[] {
  const found = Object.values(data).filter((value): value is string => typeof value === "string");
  return found.flatMap((value) => {
    const local = /[?&]d=([^&]+)/.exec(value)?.[1] ?? value.replace(/[?#].*$/, "");
    let plain = local;
    try {
      plain = decodeURIComponent(local);
    } catch {
      // A name with a per cent sign of its own.
    }
    plain = plain.replace(/^[a-z0-9]+:\/\/[^/]*\//i, "").replace(/^\/+/, "");
    const file = plain.slice(plain.lastIndexOf("/") + 1);
    const upload = /^[0-9a-f]{8}-(.+)$/i.exec(file)?.[1];
    return [plain, file, ...(upload === undefined ? [] : [upload])];
  });
}

const STUDIO_LABELS = /labels$|^choices$|^taxonomy$/;

/** An object of a result of Label Studio; lengths are per cent of the image. */
function studioObject(result: Readonly<Record<string, unknown>>, leftOut: LeftOut): AnnotatedObject[] {
  const value = record(result.value ?? result);
  const size = sizeOf(result.original_width ?? value.original_width, result.original_height ?? value.original_height);
  const key = Object.keys(value).find((name) => STUDIO_LABELS.test(name));
  const names =
    key === undefined
      ? []
      : list(value[key]).flatMap((name) => (typeof name === "string" ? [name] : list(name).map(text)));
  const category = names[0] ?? "";
  if (key === "choices" || key === "taxonomy") return names.map((name) => ({ category: name, box: null, shape: null }));
  if (result.type === "relation" || size === null) return [];
  const [sx, sy] = [size.width / 100, size.height / 100];
  const points = Array.isArray(value.points) ? ringOfPoints(value.points) : null;
  if (points !== null) {
    const found = ofRings(category, [points.map((length, i) => length * (i % 2 === 0 ? sx : sy))]);
    if (found !== null) return [found];
  }
  if (Array.isArray(value.rle)) {
    const packed = numbers(value.rle);
    const counts = packed === null ? null : brushCounts(packed, size.width * size.height);
    if (counts !== null) {
      const shape = { kind: "runs", counts, by: "rows", left: 0, top: 0, ...size } as const;
      return [{ category, box: runExtent(shape), shape }];
    }
  }
  const angle = ((finite(value.rotation) ?? 0) * Math.PI) / 180;
  const round = numbers([value.x, value.y, value.radiusX, value.radiusY]);
  if (round !== null) {
    const [x, y, rx, ry] = round as [number, number, number, number];
    const found = ofRings(category, [ellipseRing(x * sx, y * sy, rx * sx, ry * sy, angle)]);
    if (found !== null) return [found];
  }
  const box = cornersOf(value.x, value.y, value.width, value.height);
  if (box !== null) {
    const corners: Corners = [box[0] * sx, box[1] * sy, box[2] * sx, box[3] * sy];
    if (angle === 0) return [{ category, box: corners, shape: null }];
    // Turned about the first corner.
    const [left, top] = corners;
    const turned = ringOf(corners).map((_, i, all) => {
      const [dx, dy] = [all[i - (i % 2)]! - left, all[i - (i % 2) + 1]! - top];
      return i % 2 === 0
        ? left + dx * Math.cos(angle) - dy * Math.sin(angle)
        : top + dx * Math.sin(angle) + dy * Math.cos(angle);
    });
    const found = ofRings(category, [turned]);
    if (found !== null) return [found];
  }
  leftOut.add(`results of kind ${text(result.type).slice(0, 20) || "unknown"}`);
  return [];
}

/** Label Studio, JSON and JSON-MIN: a list of tasks; of several annotations of a task those that were not cancelled count. */
export function readLabelStudio(value: unknown, leftOut: LeftOut): AnnotatedImage[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const tasks = value.map(record);
  const isTask = (task: Readonly<Record<string, unknown>>) =>
    (Array.isArray(task.annotations) || Array.isArray(task.completions)) && typeof task.data === "object";
  const isMin = (task: Readonly<Record<string, unknown>>) =>
    "annotation_id" in task || Object.values(task).some((one) => "original_width" in record(list(one)[0]));
  if (!tasks.some((task) => isTask(task) || isMin(task))) return null;
  return tasks.map((task) => {
    const whole = isTask(task);
    const made = list(task.annotations ?? task.completions).map(record);
    const results = whole
      ? made.filter((one) => one.was_cancelled !== true).flatMap((one) => list(one.result).map(record))
      : Object.entries(task).flatMap(([name, found]): Readonly<Record<string, unknown>>[] => {
          const objects = list(found)
            .map(record)
            .filter((one) => "original_width" in one);
          const chosen = name === "choice" && typeof found === "string" ? [{ value: { choices: [found] } }] : [];
          return [...objects, ...chosen];
        });
    const size = results.map((one) => sizeOf(one.original_width, one.original_height)).find((found) => found !== null);
    const upload = typeof task.file_upload === "string" ? { file_upload: task.file_upload } : {};
    const before = leftOut.length;
    const objects = results.flatMap((result) => studioObject(result, leftOut));
    return {
      names: studioNames({ ...(whole ? record(task.data) : task), ...upload }),
      size: size ?? null,
      objects,
      leftOut: leftOut.since(before),
    };
  });
}

/** QuPath: a GeoJSON file an image, called as it; holes are rings within rings. */
export function readGeoJson(value: unknown, path: string, leftOut: LeftOut): AnnotatedImage | null {
  const features = Array.isArray(value) ? value : record(value).type === "Feature" ? [value] : record(value).features;
  if (!Array.isArray(features) || features.length === 0) return null;
  if (!features.every((one) => record(one).type === "Feature" && "geometry" in record(one))) return null;
  const before = leftOut.length;
  const objects = features.map(record).flatMap((feature): AnnotatedObject[] => {
    const { geometry, properties } = feature;
    const { classification } = record(properties);
    const category = text(
      record(classification).name ?? list(record(classification).names)[0] ?? record(properties).name,
    );
    const { type, coordinates } = record(geometry);
    const polygons = type === "Polygon" ? [coordinates] : type === "MultiPolygon" ? list(coordinates) : [];
    const found = polygons.flatMap((rings) => {
      const read = list(rings).map((ring) => ringOfPoints(list(ring)));
      const whole = read.filter((ring) => ring !== null);
      return ofRings(category, whole) ?? [];
    });
    if (found.length === 0) leftOut.add(`${text(type).slice(0, 20) || "objects"} of GeoJSON`);
    return found;
  });
  const own = path.replace(/\.(geo)?json$/i, "").replace(/\.ome$/i, "");
  return { names: [own], size: null, objects, leftOut: leftOut.since(before) };
}
