import { listed, quoted } from "../../core/quoted.ts";
import { dicomError } from "./elements.ts";
import { FrameAttributes } from "./frame-attributes.ts";
import {
  betweenRange,
  exactWindow,
  fullRange,
  modalityTransform,
  statedGrey,
  statedWindows,
  type ValueTransform,
  type Window,
} from "./grey.ts";
import type { ImageLayout } from "./image-layout.ts";
import { type Palette, readPalette } from "./palette.ts";
import type { DicomFile } from "./parse.ts";
import { type Picture, renderColour, renderGrey, renderPalette } from "./render.ts";
import { openFrames, type StoredFrame } from "./stored-frame.ts";

/** Lowest and highest value, in units of the modality. */
export type ValueRange = readonly [low: number, high: number];

/** How grey becomes 8 bits. */
export interface GreyOptions {
  /** Window in units of the modality, e.g. Hounsfield units. Defaults to what the file says, see {@link ImageReader}. */
  readonly window?: Window | { readonly name: string } | undefined;
  /** Values that become 0..255 where the file says nothing. Defaults to those of the frame itself. */
  readonly range?: ValueRange | undefined;
}

/**
 * Pictures of one file. Grey goes through the modality's transform, then through the window of the options, else the
 * file's VOI LUT, else its first window, else all values of its bits (8 bits and no rescale), else a range of values.
 */
export interface ImageReader {
  readonly layout: ImageLayout;
  readonly attributes: FrameAttributes;
  /** What was wrong with the pixels and could be worked around, one line each. */
  readonly oddities: readonly string[];
  /** Looks whether all frames that are stated are there, without decoding one. @throws GanglionError `image` */
  check(): void;
  /** True where a grey frame says nothing of how it is to be shown, so that it needs a range. */
  needsRange(frame: number): boolean;
  /** Range of a grey frame's values without those of padding; null where it has none. @throws GanglionError `image` */
  valueRange(frame: number): Promise<ValueRange | null>;
  /** Decodes frame `frame`, from 0, to 8 bits. @throws GanglionError `image` */
  render(frame: number, options?: GreyOptions): Promise<Picture>;
}

/** Prepares to read the pictures of a file. @throws GanglionError `image` when its pixels are not described as they must be */
export function openImages(file: DicomFile): ImageReader {
  const frames = openFrames(file);
  const { layout } = frames;
  const attributes = new FrameAttributes(file.dataset);
  const grey = layout.photometric.startsWith("MONOCHROME");
  let palette: Palette | null = null;
  const needsRange = (frame: number) =>
    grey && !allBits(layout, attributes, frame) && statedGrey(attributes, frame, layout) === undefined;
  const valueRange = async (frame: number) => rangeOf(await frames.read(frame), file, layout, attributes, frame);
  return {
    layout,
    attributes,
    oddities: frames.oddities,
    check: frames.check,
    needsRange,
    valueRange,
    async render(frame, { window, range } = {}) {
      const stored = await frames.read(frame);
      if (layout.photometric === "PALETTE COLOR") {
        palette ??= readPalette(file, layout.signed);
        return renderPalette(stored, palette);
      }
      if (!grey) return renderColour(stored, layout.bitsStored);
      const toValue = modalityTransform(attributes, frame, layout);
      const ownRange = () => range ?? rangeOf(stored, file, layout, attributes, frame) ?? [0, 0];
      const toGrey = greyOf(file, layout, attributes, frame, window, ownRange);
      return renderGrey(stored, (value) => toGrey(toValue(value)));
    },
  };
}

/** True where every value that the bits can hold has its own grey: up to 8 bits that are not rescaled. */
function allBits(layout: ImageLayout, attributes: FrameAttributes, frame: number): boolean {
  if (layout.bitsStored > 8) return false;
  const toValue = modalityTransform(attributes, frame, layout);
  return toValue(0) === 0 && toValue(1) === 1;
}

function greyOf(
  file: DicomFile,
  layout: ImageLayout,
  attributes: FrameAttributes,
  frame: number,
  window: GreyOptions["window"],
  range: () => ValueRange,
): ValueTransform {
  if (window !== undefined && "center" in window) return exactWindow(window);
  const stated = statedGrey(attributes, frame, layout, window?.name);
  if (stated !== undefined) return stated;
  if (window !== undefined) {
    const names = statedWindows(attributes, frame).map(({ name }) => JSON.stringify(name));
    const found = names.length === 0 ? "no window" : `the windows ${listed(names)}`;
    const message = `there is no window ${quoted(window.name)}; the file has ${found}, give numbers instead, e.g. --window 40,400`;
    throw dicomError(file.name, "window", message);
  }
  return allBits(layout, attributes, frame) ? fullRange(layout) : betweenRange(...range());
}

function rangeOf(
  { data }: StoredFrame,
  { dataset }: DicomFile,
  layout: ImageLayout,
  attributes: FrameAttributes,
  frame: number,
): ValueRange | null {
  const padding = dataset.integer(0x00280120, layout.signed) ?? Number.NaN;
  // A second value makes it a range (PS3.3 section C.7.5.1.1.2).
  const limit = dataset.integer(0x00280121, layout.signed) ?? padding;
  const [from, to] = [Math.min(padding, limit), Math.max(padding, limit)];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of data) {
    if (value >= from && value <= to) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return null;
  const toValue = modalityTransform(attributes, frame, layout);
  const ends = [toValue(low), toValue(high)];
  return [Math.min(...ends), Math.max(...ends)];
}
