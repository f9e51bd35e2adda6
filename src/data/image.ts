import { createHash } from "node:crypto";
import sharp, { type Sharp } from "sharp";
import { GanglionError } from "../core/errors.ts";
import { foreignBytes, foreignMessage } from "../core/foreign-bytes.ts";
import { type Links, readInside } from "../core/inside-folder.ts";
import { withEndMarker } from "./decode/jpeg-end.ts";
import type { GreyWindow, RawImage } from "./types.ts";

/** Most pixels an image may have; a larger one is refused before it is decoded. */
export const MAX_IMAGE_PIXELS = 100_000_000;

/** Longest file that is read as an image, in bytes. */
const MAX_FILE_BYTES = 512 * 2 ** 20;

/** How {@link decodeImage} treats what it reads. */
export interface DecodeOptions {
  /** Name of the image in errors. Defaults to `image`. */
  readonly name?: string;
  /** Window for 16-bit grey; an error on anything else. Defaults to the full range, 0..65535. */
  readonly window?: GreyWindow | undefined;
}

/** What a header says before any pixel is decoded. */
export interface ImageHeader {
  readonly format: "png" | "jpeg";
  /** Stored size in pixels, before EXIF rotation. */
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
  /** Bits a sample: 16 for 16-bit PNG, 8 for all else (lower depths are widened). */
  readonly bits: 8 | 16;
  readonly alpha: boolean;
}

function imageError(name: string, message: string, cause?: unknown, code = "unreadable-image"): GanglionError {
  const problem = { code, path: name, message };
  return new GanglionError("image", `${name}: ${message}`, { cause, problems: [problem] });
}

/** PNG or JPEG by its first bytes, null for anything else. */
export function imageFormat(bytes: Uint8Array): "png" | "jpeg" | null {
  const starts = (...magic: number[]) => bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "png";
  return starts(0xff, 0xd8, 0xff) ? "jpeg" : null;
}

/** First line of what the decoder says, shortened. */
function reason(cause: unknown): string {
  return String((cause as Error).message ?? cause)
    .split("\n")[0]!
    .slice(0, 160);
}

async function open(
  bytes: Uint8Array,
  name: string,
  options: { readonly ignoreIcc?: boolean } = {},
): Promise<{ pipeline: Sharp; header: ImageHeader }> {
  const format = imageFormat(bytes);
  if (format === null) {
    const foreign = foreignBytes(bytes);
    if (foreign !== null) throw imageError(name, foreignMessage(foreign), undefined, foreign.code);
    const message = `this is neither PNG nor JPEG (by its first bytes); images must be PNG or JPEG, convert or replace the file`;
    throw imageError(name, message, undefined, "image-format");
  }
  const pipeline = sharp(format === "jpeg" ? withEndMarker(bytes) : bytes, {
    failOn: "warning",
    limitInputPixels: MAX_IMAGE_PIXELS,
    ...options,
  });
  try {
    const meta = await pipeline.metadata();
    if (meta.format !== format) throw new Error(`the header says ${meta.format}`);
    if (meta.width * meta.height > MAX_IMAGE_PIXELS) throw new Error("Input image exceeds pixel limit");
    const grey = meta.space === "b-w" || meta.space === "grey16";
    const bits = meta.depth === "ushort" ? 16 : 8;
    return { pipeline, header: { format, width: meta.width, height: meta.height, grey, bits, alpha: meta.hasAlpha } };
  } catch (cause) {
    throw decodeError(name, cause);
  }
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

/** Reads the header of PNG or JPEG bytes. @throws GanglionError `image` */
export async function readImageHeader(bytes: Uint8Array, name = "image"): Promise<ImageHeader> {
  return (await open(bytes, name)).header;
}

/**
 * Decodes PNG or JPEG bytes to 8 bits, grey or sRGB, by the rules of `docs/images.md`: EXIF rotation is applied, alpha
 * is composited over black, CMYK and embedded profiles become sRGB, 16 bits become 8 linearly over the full range or
 * over `options.window`.
 * @throws GanglionError `image` when the bytes are not PNG or JPEG, are damaged or cut short, or hold too many pixels.
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<RawImage> {
  const name = options.name ?? "image";
  const { pipeline, header } = await open(bytes, name);
  if (options.window !== undefined && !(header.grey && header.bits === 16)) {
    const found = `${header.bits}-bit ${header.grey ? "grey" : "colour"}`;
    throw imageError(name, `a window applies to 16-bit grey only and this image is ${found}; leave the window out`);
  }
  return finish(pipeline.autoOrient(), name, header, options.window);
}

/** Runs a pipeline to 8 bits of one or three channels. @throws GanglionError `image` */
async function finish(pipeline: Sharp, name: string, header: ImageHeader, window?: GreyWindow): Promise<RawImage> {
  let steps = pipeline;
  try {
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
    return checked(name, narrow(wide, window), info);
  } catch (cause) {
    if (cause instanceof GanglionError) throw cause;
    throw decodeError(name, cause);
  }
}

/**
 * Decodes PNG or JPEG bytes as {@link decodeImage} does and makes the image smaller, never larger, until its longer side is
 * `size` pixels; in one go, so that a large file is not held decoded, and a JPEG is decoded at a smaller size where that does.
 * @throws GanglionError `image`
 */
export async function decodeSmall(
  bytes: Uint8Array,
  {
    name = "image",
    size,
    kernel,
  }: { readonly name?: string; readonly size: number; readonly kernel: "lanczos3" | "nearest" },
): Promise<RawImage> {
  const { pipeline, header } = await open(bytes, name);
  if (Math.max(header.width, header.height) <= size) return decodeImage(bytes, { name });
  return finish(
    pipeline.autoOrient().resize(size, size, { kernel, fit: "inside", fastShrinkOnLoad: kernel !== "nearest" }),
    name,
    header,
  );
}

/**
 * Decodes an image to the values that it stores, for pictures whose values are names: grey of 8 or 16 bits as it is, colours as
 * 0xRRGGBB, without a colour profile; transparent pixels are black.
 * @throws GanglionError `image`
 */
export async function decodeValues(
  bytes: Uint8Array,
  name: string,
): Promise<{ width: number; height: number; values: Uint16Array | Uint32Array; lossy: boolean }> {
  const { pipeline, header } = await open(bytes, name, { ignoreIcc: true });
  const lossy = header.format === "jpeg";
  try {
    let steps = pipeline.autoOrient();
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

/** Reads and decodes an image file; `name` is what errors call it. @throws GanglionError `image` or `files` */
export async function readImageFile(
  root: string,
  name: string,
  { window, links }: { readonly window?: GreyWindow | undefined; readonly links?: Links | undefined } = {},
): Promise<RawImage> {
  return decodeImage(await readImageBytes(root, name, links), { name, window });
}

/** Highest value of a 16-bit grey PNG; null for any other image. @throws GanglionError `image` or `files` */
export async function decodeGrey16Maximum(root: string, name: string, links?: Links): Promise<number | null> {
  const { pipeline, header } = await open(await readImageBytes(root, name, links), name);
  if (!header.grey || header.bits !== 16) return null;
  try {
    const { channels } = await pipeline.stats();
    return channels[0]!.max;
  } catch (cause) {
    throw decodeError(name, cause);
  }
}

/** Bytes of an image file of a dataset, refused when longer than an image can reasonably be. */
export async function readImageBytes(root: string, name: string, links: Links = "follow"): Promise<Uint8Array> {
  const bytes = await readInside(root, name, links);
  if (bytes.length > MAX_FILE_BYTES) throw imageError(name, `the file is longer than 512 MiB; make the image smaller`);
  return bytes;
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

/** Decodes PNG (or JPEG) bytes, see {@link decodeImage}. @throws GanglionError `image` */
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

/** SHA-256 over size and pixels, lower-case hex: equal pictures have equal hashes whatever file they came from. */
export function pixelHash(image: RawImage): string {
  const size = `${image.width}x${image.height}x${image.channels}:`;
  return createHash("sha256").update(size).update(image.data).digest("hex");
}

/** Whether an image has one single value, as an empty slice has: it is equal to others without being a copy. */
export function isFlat({ data }: RawImage): boolean {
  return data.every((value) => value === data[0]);
}
