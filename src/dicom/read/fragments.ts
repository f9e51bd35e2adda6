import { PIXEL_DATA } from "./element-reader.ts";
import { dicomError } from "./elements.ts";
import type { DicomFile } from "./parse.ts";

const EXTENDED_OFFSETS = 0x7fe00001;
const ITEM = 0xfffee000;

/** A fragment of compressed pixels: where its item begins, counted from the first fragment, and its bytes. */
interface Fragment {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Items of encapsulated pixel data (PS3.5 section A.4): the basic offset table first, then fragments. */
function readItems(file: DicomFile): { offsets: number[]; fragments: Fragment[] } {
  const { dataset, name } = file;
  const bytes = dataset.raw(PIXEL_DATA);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fragments: Fragment[] = [];
  let offsets: number[] | undefined;
  let firstItem = 0;
  let at = 0;
  while (at + 8 <= bytes.length) {
    const tag = ((view.getUint16(at, true) << 16) | view.getUint16(at + 2, true)) >>> 0;
    const length = view.getUint32(at + 4, true);
    if (tag !== ITEM) break;
    const left = bytes.length - at - 8;
    if (length > left) {
      const message = `a fragment of ${length} compressed bytes is cut short after ${left}; restore the file from its source`;
      throw dicomError(name, "cut-short", message);
    }
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (offsets === undefined) {
      offsets = Array.from({ length: length >> 2 }, (_, i) => view.getUint32(at + 8 + 4 * i, true));
      firstItem = at + 8 + length;
    } else fragments.push({ offset: at - firstItem, bytes: content });
    at += 8 + length;
  }
  if (fragments.length === 0) {
    const message = "there are no compressed pixels where they should be; restore the file from its source";
    throw dicomError(name, "cut-short", message);
  }
  return { offsets: offsets ?? [], fragments };
}

function extendedOffsets(file: DicomFile): number[] {
  const raw = file.dataset.raw(EXTENDED_OFFSETS);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: raw.length >> 3 }, (_, i) => Number(view.getBigUint64(8 * i, true)));
}

/** First bytes of a JPEG, JPEG-LS or JPEG 2000 codestream, or of a JP2 file, which must not be there but is met. */
function beginsFrame(bytes: Uint8Array): boolean {
  const [a, b, c] = bytes;
  return (a === 0xff && ((b === 0xd8 && c === 0xff) || (b === 0x4f && c === 0xff))) || (a === 0 && b === 0 && c === 0);
}

/**
 * Frames that compressed pixels come to, where that is clear and another number is stated or none: by the offset table, or by
 * fragments that each begin a frame. null where it is not clear, or where one frame is stated, which may be in any fragments.
 */
export function frameCount(
  file: DicomFile,
  { frames, framesStated }: { readonly frames: number; readonly framesStated: boolean },
  rle: boolean,
): number | null {
  if (framesStated && frames === 1) return null;
  const { offsets, fragments } = readItems(file);
  if (fragments.length === frames) return null;
  const known = offsets.length > 1 && offsets.every((at) => fragments.some(({ offset }) => offset === at));
  if (known) return offsets.length === frames ? null : offsets.length;
  const whole = rle || fragments.every(({ bytes }) => beginsFrame(bytes));
  return whole && fragments.length > 1 ? fragments.length : null;
}

function join(fragments: readonly Fragment[]): Uint8Array {
  return fragments.length === 1 ? fragments[0]!.bytes : Buffer.concat(fragments.map(({ bytes }) => bytes));
}

/**
 * Compressed frames of a file: one fragment each, by the offset table, or by where a codestream begins.
 * @throws GanglionError `image` when there are fewer frames than stated.
 */
export function compressedFrames(file: DicomFile, frames: number): Uint8Array[] {
  const { offsets: basic, fragments } = readItems(file);
  if (frames === 1) return [join(fragments)];
  if (fragments.length === frames) return fragments.map(({ bytes }) => bytes);
  const stated = basic.length > 0 ? basic : extendedOffsets(file);
  const starts = new Set(stated);
  const parts: Fragment[][] = [];
  const known = starts.size === frames && [...starts].every((at) => fragments.some(({ offset }) => offset === at));
  for (const fragment of fragments) {
    const begins = known ? starts.has(fragment.offset) : beginsFrame(fragment.bytes);
    if (begins || parts.length === 0) parts.push([fragment]);
    else parts.at(-1)?.push(fragment);
  }
  if (parts.length < frames) {
    const message = `${frames} frames are stated and ${parts.length} are there; restore the file from its source`;
    throw dicomError(file.name, "cut-short", message);
  }
  return parts.slice(0, frames).map(join);
}
