import { createHash } from "node:crypto";
import sharp, { type Sharp } from "sharp";
import { GanglionError } from "../core/errors.ts";
import { foreignBytes, foreignMessage } from "../core/foreign-bytes.ts";
import { bmpHeader, decodeBmp } from "./decode/bmp.ts";
import { type ImageFormat, imageFormat } from "./decode/format.ts";
import { withEndMarker } from "./decode/jpeg-end.ts";
import { jpegFrame } from "./decode/jpeg-frame.ts";
import { decodePnm, pnmHeader } from "./decode/pnm.ts";
import { READ_KINDS } from "./layout/image-kinds.ts";
import type { GreyWindow, RawImage } from "./types.ts";

/** Most pixels an image may have; a larger one is refused before it is decoded. */
export const MAX_IMAGE_PIXELS = 100_000_000;

/** How {@link decodeImage} treats what it reads. */
export interface DecodeOptions {
  /** Name of the image in errors. Defaults to `image`. */
  readonly name?: string;
  /** Window for 16-bit grey; an error on anything else. Defaults to {@link DecodeOptions.greyRange}. */
  readonly window?: GreyWindow | undefined;
  /** Range of 16-bit grey where no window is given; only asked for where the image is one. Defaults to 0..65535. */
  readonly greyRange?: (() => Promise<GreyWindow>) | undefined;
  /** Page of a TIFF of several, from 0. Defaults to 0. */
  readonly page?: number;
}

/** What a header says before any pixel is decoded. */
export interface ImageHeader {
  readonly format: ImageFormat;
  /** Stored size in pixels, before EXIF rotation. */
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
  /** Bits a sample: 16 for 16-bit PNG and TIFF, 8 for all else (lower depths are widened). */
  readonly bits: 8 | 16;
  readonly alpha: boolean;
  /** Whether EXIF turns it by a quarter, so that width and height change places where it is shown. */
  readonly turned: boolean;
  /** Pages of a TIFF or pictures of an animation. */
  readonly pages: number;
}

export function imageError(name: string, message: string, cause?: unknown, code = "unreadable-image"): GanglionError {
  const problem = { code, path: name, message };
  return new GanglionError("image", `${name}: ${message}`, { cause, problems: [problem] });
}

/** First line of what the decoder says, shortened. */
function reason(cause: unknown): string {
  return String((cause as Error).message ?? cause)
    .split("\n")[0]!
    .slice(0, 160);
}

/** An image whose header was read; the pipeline begins with its first page. */
interface OpenedImage {
  readonly header: ImageHeader;
  readonly pipeline: () => Sharp;
}

interface OpenOptions {
  readonly ignoreIcc?: boolean;
  /** Whether `turned` and `pages` of the header are asked for; it takes a third longer. Defaults to true. */
  readonly wholeHeader?: boolean;
  /** Page of a TIFF of several, from 0. Defaults to 0. */
  readonly page?: number;
}

async function open(bytes: Uint8Array, name: string, options: OpenOptions = {}): Promise<OpenedImage> {
  const format = imageFormat(bytes);
  if (format === null) {
    const foreign = foreignBytes(bytes);
    if (foreign !== null) throw imageError(name, foreignMessage(foreign), undefined, foreign.code);
    const message = `this is not ${READ_KINDS} (by its first bytes); convert the file to PNG or replace it`;
    throw imageError(name, message, undefined, "image-format");
  }
  try {
    const opened =
      format === "bmp"
        ? openBmp(bytes)
        : format === "pnm"
          ? openPnm(bytes)
          : await openWithSharp(bytes, format, options);
    const { width, height } = opened.header;
    if (width * height > MAX_IMAGE_PIXELS) throw new Error("Input image exceeds pixel limit");
    return opened;
  } catch (cause) {
    throw decodeError(name, cause);
  }
}

/** Depths of samples, as libvips names them, that are decoded. */
const DEPTHS: Readonly<Record<string, 8 | 16>> = { uchar: 8, ushort: 16 };

async function openWithSharp(
  bytes: Uint8Array,
  format: ImageFormat,
  { ignoreIcc = false, wholeHeader = true, page = 0 }: OpenOptions,
): Promise<OpenedImage> {
  const whole = format === "jpeg" ? withEndMarker(bytes) : bytes;
  const pipeline = sharp(whole, { failOn: "warning", limitInputPixels: MAX_IMAGE_PIXELS, ignoreIcc, page });
  const frame = format === "jpeg" && !wholeHeader ? jpegFrame(whole) : null;
  if (frame?.bits === 8 && (frame.components === 1 || frame.components === 3)) {
    const { width, height, components } = frame;
    const header = {
      format,
      width,
      height,
      grey: components === 1,
      bits: 8,
      alpha: false,
      pages: 1,
      turned: false,
    } as const;
    return { header, pipeline: () => pipeline };
  }
  const meta = await pipeline.metadata();
  if (meta.format !== format) throw new Error(`the header says ${meta.format}`);
  const bits = DEPTHS[meta.depth ?? "uchar"];
  if (bits === undefined) throw new Error(`samples of type ${meta.depth} are not read, save it with 8 or 16 bits`);
  const grey = meta.space === "b-w" || meta.space === "grey16";
  const { width, height, hasAlpha: alpha, pages = 1, orientation = 1 } = meta;
  return {
    header: { format, width, height, grey, bits, alpha, pages, turned: orientation >= 5 },
    pipeline: () => pipeline,
  };
}

function openBmp(bytes: Uint8Array): OpenedImage {
  const { width, height, grey } = bmpHeader(bytes);
  const pipeline = () => {
    const { data, channels } = decodeBmp(bytes);
    return sharp(data, { raw: { width, height, channels }, limitInputPixels: MAX_IMAGE_PIXELS });
  };
  return { header: { format: "bmp", width, height, grey, bits: 8, alpha: false, pages: 1, turned: false }, pipeline };
}

function openPnm(bytes: Uint8Array): OpenedImage {
  const { width, height, channels, most } = pnmHeader(bytes);
  const pipeline = () =>
    sharp(decodePnm(bytes).data, { raw: { width, height, channels }, limitInputPixels: MAX_IMAGE_PIXELS });
  const bits = most > 255 ? 16 : 8;
  const header = { format: "pnm", width, height, grey: channels === 1, bits, alpha: false } as const;
  return { header: { ...header, pages: 1, turned: false }, pipeline };
}

function decodeError(name: string, cause: unknown): GanglionError {
  const said = reason(cause);
  if (/pixel limit/i.test(said)) {
    const limit = `${MAX_IMAGE_PIXELS / 1e6} million pixels`;
    const message = `the image has more than ${limit}, the most that is read; make it smaller first`;
    return imageError(name, message, cause, "image-size");
  }
  const message = `the image is damaged or cut short (${said}); restore it from its source or remove it`;
  return imageError(name, message, cause, "damaged-image");
}

/** Reads the header of an image. @throws GanglionError `image` */
export async function readImageHeader(bytes: Uint8Array, name = "image", page = 0): Promise<ImageHeader> {
  return (await open(bytes, name, { page })).header;
}

/**
 * Decodes an image to 8 bits, grey or sRGB, by the rules of `docs/images.md`: EXIF rotation is applied, alpha is composited
 * over black, CMYK and embedded profiles become sRGB, 16 bits become 8 linearly over `options.window`, `options.greyRange` or
 * the full range.
 * @throws GanglionError `image` when the bytes are no {@link ImageFormat}, are damaged or cut short, or hold too many pixels.
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<RawImage> {
  const name = options.name ?? "image";
  const { pipeline, header } = await open(bytes, name, { wholeHeader: false, page: options.page ?? 0 });
  if (options.window !== undefined && !(header.grey && header.bits === 16)) {
    const found = `${header.bits}-bit ${header.grey ? "grey" : "colour"}`;
    throw imageError(name, `a window applies to 16-bit grey only and this image is ${found}; leave the window out`);
  }
  return finish(pipeline, (first) => first.autoOrient(), name, header, options);
}

/** Runs a pipeline to 8 bits of one or three channels. @throws GanglionError `image` */
async function finish(
  pipeline: () => Sharp,
  shape: (first: Sharp) => Sharp,
  name: string,
  header: ImageHeader,
  { window, greyRange }: Pick<DecodeOptions, "window" | "greyRange">,
): Promise<RawImage> {
  try {
    let steps = shape(pipeline());
    if (header.alpha) steps = steps.flatten({ background: "#000000" });
    if (header.bits === 8) {
      const { data, info } = await steps
        .toColourspace(header.grey ? "b-w" : "srgb")
        .raw()
        .toBuffer({ resolveWithObject: true });
      return checked(name, data, info);
    }
    const { data, info } = await steps
      .toColourspace(header.grey ? "grey16" : "rgb16")
      .raw({ depth: "ushort" })
      .toBuffer({ resolveWithObject: true });
    const wide = new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
    const range = window ?? (header.grey ? await greyRange?.() : undefined);
    return checked(name, narrow(wide, range), info);
  } catch (cause) {
    if (cause instanceof GanglionError) throw cause;
    throw decodeError(name, cause);
  }
}

/**
 * Decodes an image as {@link decodeImage} does and makes the image smaller, never larger, until its longer side is
 * `size` pixels; in one go, so that a large file is not held decoded, and a JPEG is decoded at a smaller size where that does.
 * @throws GanglionError `image`
 */
export async function decodeSmall(
  bytes: Uint8Array,
  {
    name = "image",
    size,
    kernel,
    greyRange,
  }: {
    readonly name?: string;
    readonly size: number;
    readonly kernel: "lanczos3" | "nearest";
    readonly greyRange?: DecodeOptions["greyRange"] | undefined;
  },
): Promise<RawImage> {
  const { pipeline, header } = await open(bytes, name);
  if (Math.max(header.width, header.height) <= size) return decodeImage(bytes, { name, greyRange });
  const smaller = { kernel, fit: "inside", fastShrinkOnLoad: kernel !== "nearest" } as const;
  return finish(pipeline, (first) => first.autoOrient().resize(size, size, smaller), name, header, { greyRange });
}

/**
 * Decodes an image to the values that it stores, for pictures whose values are names: grey of 8 or 16 bits as it is, colours as
 * 0xRRGGBB, without a colour profile; transparent pixels are black.
 * @throws GanglionError `image`
 */
export async function decodeValues(
  bytes: Uint8Array,
  name: string,
  page = 0,
): Promise<{ width: number; height: number; values: Uint16Array | Uint32Array; lossy: boolean }> {
  const { pipeline, header } = await open(bytes, name, { ignoreIcc: true, page });
  const lossy = header.format === "jpeg" || header.format === "webp";
  try {
    let steps = pipeline().autoOrient();
    if (header.alpha) steps = steps.flatten({ background: "#000000" });
    const wide = header.grey && header.bits === 16;
    steps = steps.toColourspace(wide ? "grey16" : header.grey ? "b-w" : "srgb");
    const { data, info } = await steps.raw(wide ? { depth: "ushort" } : {}).toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const size = width * height;
    if (wide) return { width, height, values: new Uint16Array(data.buffer.slice(data.byteOffset), 0, size), lossy };
    if (channels === 1) return { width, height, values: Uint16Array.from(data), lossy };
    const values = new Uint32Array(size);
    for (let i = 0, k = 0; i < size; i++, k += channels) {
      values[i] = (data[k]! << 16) | (data[k + 1]! << 8) | data[k + 2]!;
    }
    return { width, height, values, lossy };
  } catch (cause) {
    if (cause instanceof GanglionError) throw cause;
    throw decodeError(name, cause);
  }
}

/** 16 to 8 bits, linear and rounded. */
function narrow(wide: Uint16Array, window: GreyWindow = { center: 32767.5, width: 65535 }): Uint8Array {
  const low = window.center - window.width / 2;
  const scale = 255 / window.width;
  const out = new Uint8ClampedArray(wide.length);
  for (let i = 0; i < wide.length; i++) out[i] = (wide[i]! - low) * scale;
  return new Uint8Array(out.buffer);
}

function checked(name: string, data: Uint8Array, info: { width: number; height: number; channels: number }): RawImage {
  const { width, height, channels } = info;
  if ((channels !== 1 && channels !== 3) || data.length !== width * height * channels) {
    throw imageError(
      name,
      `decoded to ${channels} channels, 1 or 3 were expected; save the image as plain grey or RGB`,
    );
  }
  return { width, height, channels, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** Highest value of a 16-bit grey image; null for any other. @throws GanglionError `image` */
export async function grey16Maximum(bytes: Uint8Array, name: string, page = 0): Promise<number | null> {
  const { pipeline, header } = await open(bytes, name, { page });
  if (!header.grey || header.bits !== 16) return null;
  try {
    const { channels } = await pipeline().stats();
    return channels[0]!.max;
  } catch (cause) {
    throw decodeError(name, cause);
  }
}

/** Encodes an image as PNG: no metadata, fixed settings, equal pixels give equal bytes (same version of sharp). */
export async function encodePng(image: RawImage): Promise<Uint8Array> {
  const { width, height, channels, data } = image;
  if (data.length !== width * height * channels) {
    throw new GanglionError("internal", `internal: ${width}x${height}x${channels} image with ${data.length} bytes`);
  }
  return sharp(data, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .png({ compressionLevel: 6, adaptiveFiltering: false, palette: false })
    .toBuffer();
}

/** Decodes the bytes of an image, see {@link decodeImage}. @throws GanglionError `image` */
export async function decodePng(bytes: Uint8Array): Promise<RawImage> {
  return decodeImage(bytes);
}

/** Grey of sRGB by ITU-R BT.601 (0.299 R + 0.587 G + 0.114 B, rounded), or grey repeated three times. */
export function withChannels(image: RawImage, channels: 1 | 3): RawImage {
  if (image.channels === channels) return image;
  const pixels = image.width * image.height;
  const data = new Uint8Array(pixels * channels);
  const from = image.data;
  if (channels === 3) {
    for (let i = 0; i < pixels; i++) data.fill(from[i]!, 3 * i, 3 * i + 3);
  } else {
    for (let i = 0; i < pixels; i++) {
      data[i] = Math.round(0.299 * from[3 * i]! + 0.587 * from[3 * i + 1]! + 0.114 * from[3 * i + 2]!);
    }
  }
  return { width: image.width, height: image.height, channels, data };
}

/** SHA-256 over size and pixels: equal pictures have equal digests whatever file they came from. */
export function pixelDigest(image: RawImage): Buffer {
  const size = `${image.width}x${image.height}x${image.channels}:`;
  return createHash("sha256").update(size).update(image.data).digest();
}

/** {@link pixelDigest} as lower-case hex. */
export const pixelHash = (image: RawImage): string => pixelDigest(image).toString("hex");

/** Whether an image has one single value, as an empty slice has: it is equal to others without being a copy. */
export function isFlat({ data }: RawImage): boolean {
  return data.every((value) => value === data[0]);
}
