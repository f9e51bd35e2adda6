import { type AnnotatedImage, type AnnotatedObject, type LeftOut, numbers, WITHOUT_EXTENT } from "./annotated-image.ts";
import { ofRings } from "./json-formats.ts";

/** A line of a label file of YOLO: the class, then a box by centre and size or a ring, in shares of the image. */
export function isYolo(text: string): boolean {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.every((line) => {
    const [category, ...values] = line.trim().split(/\s+/);
    const shares = numbers(values);
    const fits =
      shares !== null &&
      (values.length === 4 || values.length === 5 || (values.length >= 6 && values.length % 2 === 0));
    return /^\d+$/.test(category!) && fits && shares.every((share) => share >= -0.5 && share <= 1.5);
  });
}

const cut = (share: number): number => Math.min(1, Math.max(0, share));

/**
 * Boxes and segments of a label file of YOLO (docs.ultralytics.com/datasets); a fifth number after a box is a confidence.
 * @param path Of the file, whose name is that of its image.
 * @param names Classes by their number.
 */
export function readYolo(text: string, path: string, names: readonly string[], leftOut: LeftOut): AnnotatedImage {
  const before = leftOut.length;
  const objects = text.split(/\r?\n/).flatMap((line): AnnotatedObject[] => {
    if (line.trim() === "") return [];
    const [number, ...values] = line.trim().split(/\s+/);
    const category = names[Number(number)] ?? number!;
    const shares = numbers(values);
    if (shares === null || shares.length < 4 || !isYolo(line)) {
      leftOut.add("lines that are not of YOLO");
      return [];
    }
    if (values.length < 6) {
      const [x, y, w, h] = shares as [number, number, number, number];
      const box = [cut(x - w / 2), cut(y - h / 2), cut(x + w / 2), cut(y + h / 2)] as const;
      if (box[0] < box[2] && box[1] < box[3]) return [{ category, box, shape: null }];
    } else {
      const found = ofRings(category, [shares.map(cut)]);
      if (found !== null) return [found];
    }
    leftOut.add(WITHOUT_EXTENT);
    return [];
  });
  // `labels/1.txt` is of `images/1`.
  const image = path.replace(/\.txt$/i, "").replace(/(^|\/)labels(?=\/)/i, "$1images");
  return {
    names: [image, path.replace(/\.txt$/i, "")],
    size: null,
    inShares: true,
    objects,
    leftOut: leftOut.since(before),
  };
}

/** Most classes that a file may name. */
const MOST_NAMES = 100_000;

const unquoted = (text: string): string =>
  text
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2")
    .trim();

/** Class names of `data.yaml`: a list in brackets, one a line after a dash, or by number; none where there are none. */
export function yamlNames(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$/, ""));
  const at = lines.findIndex((line) => /^names\s*:/.test(line));
  if (at < 0) return [];
  const rest = lines[at]!.replace(/^names\s*:/, "").trim();
  const whole =
    rest.startsWith("[") || rest.startsWith("{")
      ? lines
          .slice(at)
          .join(" ")
          .replace(/^names\s*:/, "")
          .trim()
      : "";
  if (whole.startsWith("[")) {
    const inner = whole.slice(1, whole.indexOf("]"));
    return [...inner.matchAll(/"([^"]*)"|'([^']*)'|([^,"'\s][^,]*)/g)].map((found) =>
      (found[1] ?? found[2] ?? found[3] ?? "").trim(),
    );
  }
  const names: string[] = [];
  const pairs = whole.startsWith("{") ? whole.slice(1, whole.indexOf("}")).split(",") : lines.slice(at + 1);
  for (const line of pairs) {
    const dash = /^\s*-\s*(.+)$/.exec(line);
    const pair = /^\s*(\d+)\s*:\s*(.+)$/.exec(line);
    if (dash !== null) names.push(unquoted(dash[1]!));
    else if (pair !== null && Number(pair[1]) < MOST_NAMES) names[Number(pair[1])] = unquoted(pair[2]!);
    else if (line.trim() !== "" && !/^\s/.test(line)) break;
  }
  return Array.from(names, (name, i) => name ?? String(i));
}
