import { MAX_IMAGE_PIXELS } from "../image.ts";
import type { Corners, Shape } from "./shapes.ts";

/** An object in an image: of a category, with a box, a region or both. */
export interface AnnotatedObject {
  /** Empty where the file names none. */
  readonly category: string;
  /** Null for a label of the whole image. */
  readonly box: Corners | null;
  readonly shape: Shape | null;
}

/** What an annotation file says of an image. */
export interface AnnotatedImage {
  /** Names of the image as the file has them, the likeliest first. */
  readonly names: readonly string[];
  /** Size in pixels that lengths refer to; null where lengths are of the image as it is. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** Lengths are shares of the image, not pixels. */
  readonly inShares?: boolean;
  readonly objects: readonly AnnotatedObject[];
  /** Kinds of the objects that the file has and that are left out, one each. */
  readonly leftOut: readonly string[];
}

/** Kind of an object without a box or a shape that has an area. */
export const WITHOUT_EXTENT = "objects without extent";

/** What is left out, by kind. */
export class LeftOut {
  readonly #kinds: string[] = [];

  add(kind: string): void {
    this.#kinds.push(kind);
  }

  /** How much has been left out; for {@link since}. */
  get length(): number {
    return this.#kinds.length;
  }

  /** Kinds of what was left out since there were so many. */
  since(length: number): string[] {
    return this.#kinds.slice(length);
  }

  /** Each kind with its number, in order of the first. */
  get counts(): ReadonlyMap<string, number> {
    return countsOf(this.#kinds);
  }
}

/** How often each of some kinds is there. */
export function countsOf(kinds: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** A record of a JSON value, empty for anything else. */
export const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** A list of a JSON value, empty for anything else. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A finite number of a JSON or XML value, null for anything else. */
export function finite(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "string" || value.trim() === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** Numbers of a list; null where one is none. */
export function numbers(values: readonly unknown[]): number[] | null {
  const found = values.map(finite);
  return found.every((value) => value !== null) ? found : null;
}

/** A size of positive whole numbers that an image may have, null for any other. */
export function sizeOf(width: unknown, height: unknown): AnnotatedImage["size"] {
  const [w, h] = [finite(width), finite(height)];
  const isSide = (side: number | null): side is number => side !== null && side >= 1 && side < 65536 && side % 1 === 0;
  return isSide(w) && isSide(h) && w * h <= MAX_IMAGE_PIXELS ? { width: w, height: h } : null;
}

/** A ring of points `[[x, y], ...]`; null for fewer than three or others. */
export function ringOfPoints(points: readonly unknown[]): number[] | null {
  const flat = numbers(points.flatMap((point) => list(point).slice(0, 2)));
  return flat !== null && flat.length >= 6 && flat.length === 2 * points.length ? flat : null;
}
