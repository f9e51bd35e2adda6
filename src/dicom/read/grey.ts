import type { DicomDataset } from "./elements.ts";
import type { FrameAttributes } from "./frame-attributes.ts";
import type { ImageLayout } from "./image-layout.ts";
import { lookUp, readTable } from "./lookup-table.ts";

/** Range of values that becomes 0..255. */
export interface Window {
  readonly center: number;
  /** Above zero. */
  readonly width: number;
}

/** Stored value to value of the modality, or the latter to grey, 0..255, not rounded. */
export type ValueTransform = (value: number) => number;

const PIXEL_VALUE_TRANSFORMATION = 0x00289145;
const FRAME_VOI_LUT = 0x00289132;

/**
 * What makes values of the modality (Hounsfield units of CT) from stored ones: Modality LUT, else rescale slope and
 * intercept, else nothing (PS3.3 section C.11.1).
 */
export function modalityTransform(attributes: FrameAttributes, frame: number, layout: ImageLayout): ValueTransform {
  const dataset = attributes.of(frame, PIXEL_VALUE_TRANSFORMATION);
  const [item] = dataset.items(0x00283000);
  const table = item === undefined ? undefined : readTable(item, 0x00283002, 0x00283006, layout.signed);
  if (table !== undefined) return (value) => lookUp(table, value);
  const slope = dataset.decimals(0x00281053)[0] ?? 1;
  const intercept = dataset.decimals(0x00281052)[0] ?? 0;
  if (slope === 0 || (slope === 1 && intercept === 0)) return (value) => value;
  return (value) => value * slope + intercept;
}

/** `255 * ((value - center) / width + 0.5)`, not clamped (PS3.3 section C.11.2.1.3.2, LINEAR_EXACT). */
export function exactWindow({ center, width }: Window): ValueTransform {
  const scale = 255 / width;
  const low = center - width / 2;
  return (value) => (value - low) * scale;
}

/**
 * The window function of a file: LINEAR unless it says otherwise (PS3.3 sections C.11.2.1.2 and C.11.2.1.3). LINEAR has no
 * width below 1; files of values that are scaled down to fractions have, and mean LINEAR_EXACT.
 */
function statedWindow({ center, width }: Window, kind: string): ValueTransform {
  if (kind === "LINEAR_EXACT" || (kind === "LINEAR" && width < 1)) return exactWindow({ center, width });
  if (kind === "SIGMOID") return (value) => 255 / (1 + Math.exp((-4 * (value - center)) / width));
  // A width of 1 is a step at the centre.
  if (width <= 1) return (value) => (value <= center - 0.5 ? 0 : 255);
  return (value) => 255 * ((value - (center - 0.5)) / (width - 1) + 0.5);
}

/** Windows that a frame offers, with their names (Window Center & Width Explanation). */
export function statedWindows(attributes: FrameAttributes, frame: number): (Window & { readonly name: string })[] {
  const dataset = attributes.of(frame, FRAME_VOI_LUT);
  const widths = dataset.decimals(0x00281051);
  const names = dataset.texts(0x00281055);
  return dataset
    .decimals(0x00281050)
    .map((center, i) => ({ center, width: widths[i] ?? 0, name: names[i] ?? "" }))
    .filter(({ width }) => width > 0);
}

/** Smallest difference of two values of the modality: the rescale slope, 1 where there is none or a table in its place. */
function valueStep(attributes: FrameAttributes, frame: number): number {
  const dataset = attributes.of(frame, PIXEL_VALUE_TRANSFORMATION);
  if (dataset.items(0x00283000).length > 0) return 1;
  return Math.abs(dataset.decimals(0x00281053)[0] ?? 1) || 1;
}

/** Windows of a frame that are narrower than one step of its values, so that all come out black or white. */
export function narrowWindows(attributes: FrameAttributes, frame: number): Window[] {
  const step = valueStep(attributes, frame);
  return statedWindows(attributes, frame).filter(({ width }) => width < step);
}

/**
 * What a file itself says of how its values are to be shown: VOI LUT, else a window; undefined where it says nothing.
 * @param name Name of the window to take; of those that have it the first. Defaults to the first window.
 */
export function statedGrey(
  attributes: FrameAttributes,
  frame: number,
  layout: ImageLayout,
  name?: string,
): ValueTransform | undefined {
  const dataset = attributes.of(frame, FRAME_VOI_LUT);
  if (name === undefined) {
    const lut = voiTable(dataset, layout);
    if (lut !== undefined) return lut;
  }
  const narrow = narrowWindows(attributes, frame).map(({ width }) => width);
  const windows = statedWindows(attributes, frame).filter(({ width }) => name !== undefined || !narrow.includes(width));
  const found = name === undefined ? windows[0] : windows.find((w) => w.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) return undefined;
  return statedWindow(found, dataset.text(0x00281056)?.toUpperCase() ?? "LINEAR");
}

/** VOI LUT (PS3.3 section C.11.2.1.1): its outputs from none to all of its bits become 0..255. */
function voiTable(dataset: DicomDataset, layout: ImageLayout): ValueTransform | undefined {
  const [item] = dataset.items(0x00283010);
  if (item === undefined) return undefined;
  const below = (dataset.decimals(0x00281052)[0] ?? 0) < 0;
  const table = readTable(item, 0x00283002, 0x00283006, layout.signed || below);
  if (table === undefined) return undefined;
  const scale = 255 / (2 ** Math.min(16, Math.max(8, table.bits)) - 1);
  return (value) => lookUp(table, value) * scale;
}

/** All values that the stored bits can hold as 0..255. */
export function fullRange({ bitsStored, signed }: ImageLayout): ValueTransform {
  const low = signed ? -(2 ** (bitsStored - 1)) : 0;
  const scale = 255 / (2 ** bitsStored - 1);
  return (value) => (value - low) * scale;
}

/** Values from `low` to `high` as 0..255; one value alone as 0. */
export function betweenRange(low: number, high: number): ValueTransform {
  const scale = high > low ? 255 / (high - low) : 0;
  return (value) => (value - low) * scale;
}
