import {
  type AnnotatedImage,
  type AnnotatedObject,
  finite,
  type LeftOut,
  numbers,
  sizeOf,
  WITHOUT_EXTENT,
} from "./annotated-image.ts";
import { ofRings } from "./json-formats.ts";
import { type Corners, ellipseRing, type Shape } from "./shapes.ts";

/** The parts of an XML element that are read. */
export interface XmlElement {
  readonly tagName: string;
  readonly children: Iterable<XmlElement>;
  readonly textContent: string | null;
  getAttribute(name: string): string | null;
}

const named = (element: XmlElement, name: string): XmlElement[] =>
  [...element.children].filter(({ tagName }) => tagName === name);

/** Value of an attribute; the parser leaves some entities as they are. */
const attribute = (element: XmlElement, name: string): string | null =>
  element.getAttribute(name)?.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&") ?? null;

const textOf = (element: XmlElement, name: string): string => named(element, name)[0]?.textContent?.trim() ?? "";

function boxOf(values: readonly unknown[]): Corners | null {
  const found = numbers(values);
  if (found === null) return null;
  const [left, top, right, bottom] = found as [number, number, number, number];
  return left < right && top < bottom ? [left, top, right, bottom] : null;
}

/** `x,y;x,y` => x and y in turn; null where one is no number. */
function pointsOf(text: string): number[] | null {
  return numbers(text.split(";").flatMap((point) => point.split(",")));
}

function cvatObject(element: XmlElement): AnnotatedObject[] {
  const at = (name: string) => attribute(element, name);
  const category = at("label") ?? "";
  const angle = ((finite(at("rotation")) ?? 0) * Math.PI) / 180;
  if (element.tagName === "tag") return [{ category, box: null, shape: null }];
  if (element.tagName === "box") {
    const box = boxOf([at("xtl"), at("ytl"), at("xbr"), at("ybr")]);
    if (box === null) return [];
    if (angle === 0) return [{ category, box, shape: null }];
    const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    const ring = [
      [box[0], box[1]],
      [box[2], box[1]],
      [box[2], box[3]],
      [box[0], box[3]],
    ].flatMap(([u, v]) => {
      const [dx, dy] = [u! - x, v! - y];
      return [x + dx * Math.cos(angle) - dy * Math.sin(angle), y + dx * Math.sin(angle) + dy * Math.cos(angle)];
    });
    return [ofRings(category, [ring])].flatMap((found) => found ?? []);
  }
  if (element.tagName === "polygon") {
    const ring = pointsOf(at("points") ?? "");
    const found = ring === null || ring.length < 6 ? null : ofRings(category, [ring]);
    return found === null ? [] : [found];
  }
  if (element.tagName === "ellipse") {
    const found = numbers([at("cx"), at("cy"), at("rx"), at("ry")]);
    if (found === null) return [];
    const [x, y, rx, ry] = found as [number, number, number, number];
    return [ofRings(category, [ellipseRing(x, y, rx, ry, angle)])].flatMap((one) => one ?? []);
  }
  if (element.tagName === "mask") {
    const place = numbers([at("left"), at("top")]);
    const size = sizeOf(at("width"), at("height"));
    const counts = numbers((at("rle") ?? "").split(","));
    if (place === null || size === null || counts === null || counts.some((count) => count < 0)) return [];
    const [left, top] = place as [number, number];
    const shape: Shape = { kind: "runs", counts, by: "rows", left, top, ...size };
    return [{ category, box: [left, top, left + size.width, top + size.height], shape }];
  }
  return [];
}

const CVAT_OBJECTS = new Set(["box", "polygon", "ellipse", "mask", "tag"]);
const CVAT_OTHERS = new Set(["polyline", "points", "cuboid", "skeleton"]);

/** CVAT for images 1.1: one file of images. */
export function readCvat(root: XmlElement, leftOut: LeftOut): AnnotatedImage[] | null {
  if (root.tagName !== "annotations") return null;
  const images = named(root, "image");
  if (images.length === 0) return null;
  return images.map((image) => {
    const before = leftOut.length;
    const objects = [...image.children].flatMap((element) => {
      if (CVAT_OTHERS.has(element.tagName)) leftOut.add(`${element.tagName} of CVAT`);
      if (!CVAT_OBJECTS.has(element.tagName)) return [];
      const found = cvatObject(element);
      if (found.length === 0) leftOut.add(WITHOUT_EXTENT);
      return found;
    });
    return {
      names: [attribute(image, "name") ?? ""],
      size: sizeOf(image.getAttribute("width"), image.getAttribute("height")),
      objects,
      leftOut: leftOut.since(before),
    };
  });
}

/**
 * PASCAL VOC: one file an image, boxes of whole pixels counted from 1, the last one included. Files with a coordinate of 0 count
 * from 0 (see `fromZero`).
 */
export function readVoc(root: XmlElement, path: string, leftOut: LeftOut): AnnotatedImage | null {
  if (root.tagName !== "annotation") return null;
  const [size] = named(root, "size");
  const before = leftOut.length;
  const objects = named(root, "object").flatMap((object): AnnotatedObject[] => {
    const category = textOf(object, "name");
    const [bounds] = named(object, "bndbox");
    const box =
      bounds === undefined ? null : boxOf(["xmin", "ymin", "xmax", "ymax"].map((name) => textOf(bounds, name)));
    if (box !== null) return [{ category, box, shape: null }];
    leftOut.add("objects without a box");
    return [];
  });
  const own = path.replace(/\.xml$/i, "");
  return {
    names: [textOf(root, "filename"), own].filter((name) => name !== ""),
    size: size === undefined ? null : sizeOf(textOf(size, "width"), textOf(size, "height")),
    objects,
    leftOut: leftOut.since(before),
  };
}

/** Brings boxes of PASCAL VOC to pixels from 0 with the maximum excluded: one less at the left and top, unless a 0 occurs. */
export function fromZero(images: readonly AnnotatedImage[]): AnnotatedImage[] {
  const zero = images.some(({ objects }) => objects.some(({ box }) => box !== null && (box[0] < 1 || box[1] < 1)));
  if (zero) return [...images];
  return images.map((image) => ({
    ...image,
    objects: image.objects.map((object) => ({
      ...object,
      box: object.box === null ? null : ([object.box[0] - 1, object.box[1] - 1, object.box[2], object.box[3]] as const),
    })),
  }));
}

/**
 * What begins at a `<`: comments, sections of plain text, declarations and instructions; or a tag: its slash, its name, and a slash that
 * closes it.
 */
const MARKUP =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<(?:!(?!--|\[CDATA\[)|\?)[^>]*>|<(\/?)([^\s/>"'!?][^\s/>"']*)(?=[\s/>])(?:"[^"]*"|'[^']*'|[^"'>])*?(\/?)>/y;

/** Whether every tag that opens closes again, which the parser does not ask for: a file that is cut short is not whole. */
function isWhole(text: string): boolean {
  const open: string[] = [];
  for (let at = text.indexOf("<"); at !== -1; at = text.indexOf("<", MARKUP.lastIndex)) {
    MARKUP.lastIndex = at;
    const found = MARKUP.exec(text);
    if (found === null) return false;
    const [, closes, name, closed] = found;
    if (name === undefined) continue;
    if (closes === "/") {
      if (open.pop() !== name) return false;
    } else if (closed !== "/") open.push(name);
  }
  return open.length === 0;
}

/** The outermost element of XML; null for what is none, undefined for what begins as XML and is damaged. */
export async function parseXml(text: string): Promise<XmlElement | null | undefined> {
  const plain = text.replace(/^\ufeff/, "");
  if (!/^\s*(<\?xml|<!--|<annotations?[\s>])/.test(plain)) return null;
  if (!isWhole(plain)) return undefined;
  const { DOMParser } = await import("linkedom");
  const root = new DOMParser().parseFromString(plain, "text/xml").documentElement;
  return (root as unknown as XmlElement | null) ?? null;
}
