/** What a codestream says of itself before it is decoded, so that no decoder allocates by a number that is not true. */
export interface CodestreamHeader {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** Bits a sample. */
  readonly precision: number;
  /** JPEG: true where its own markers say that three components are YCbCr (JFIF, or Adobe with transform 1). */
  readonly ybr?: boolean;
}

/** Header of a JPEG or JPEG-LS codestream (ISO/IEC 10918-1 annex B, 14495-1 annex C); null where there is none. */
export function jpegHeader(bytes: Uint8Array): CodestreamHeader | null {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  let at = 2;
  let adobeTransform: number | undefined;
  let jfif = false;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    if (marker === 0xd9 || marker === 0xda) return null;
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const text = Buffer.from(bytes.subarray(at + 4, at + 9)).toString("latin1");
    if (marker === 0xee && text === "Adobe" && length >= 14) adobeTransform = bytes[at + 15];
    if (marker === 0xe0 && text === "JFIF\0") jfif = true;
    const frame = (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) || marker === 0xf7;
    if (frame) {
      if (length < 8 || at + 2 + length > bytes.length) return null;
      const components = bytes[at + 9]!;
      if (length < 8 + 3 * components) return null;
      return {
        precision: bytes[at + 4]!,
        height: (bytes[at + 5]! << 8) | bytes[at + 6]!,
        width: (bytes[at + 7]! << 8) | bytes[at + 8]!,
        components,
        ybr: components === 3 && (adobeTransform === undefined ? jfif : adobeTransform === 1),
      };
    }
    if (length < 2) return null;
    at += 2 + length;
  }
  return null;
}

/**
 * Header of a JPEG 2000 codestream (ISO/IEC 15444-1 annex A.5.1), bare or in a JP2 file; null where there is none, or
 * where it states more tiles than a picture of its size has use for.
 */
export function jpeg2000Header(bytes: Uint8Array): CodestreamHeader | null {
  const start = codestreamStart(bytes);
  if (start < 0 || start + 42 > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.byteLength - start);
  if (view.getUint32(0) !== 0xff4fff51) return null;
  const [x1, y1, x0, y0] = [8, 12, 16, 20].map((at) => view.getUint32(at));
  const [tileWidth, tileHeight] = [24, 28].map((at) => view.getUint32(at));
  const components = view.getUint16(40);
  if (components < 1 || components > 4 || 42 + 3 * components > view.byteLength || x1! <= x0! || y1! <= y0!)
    return null;
  const tiles = Math.ceil((x1! - x0!) / tileWidth!) * Math.ceil((y1! - y0!) / tileHeight!);
  if (!(tiles <= 4096)) return null;
  const depth = view.getUint8(42);
  return {
    width: x1! - x0!,
    height: y1! - y0!,
    components,
    precision: (depth & 0x7f) + 1,
  };
}

/** Where the codestream begins: at 0, or in the box `jp2c` of a JP2 file; -1 for neither. */
function codestreamStart(bytes: Uint8Array): number {
  if (bytes[0] === 0xff && bytes[1] === 0x4f) return 0;
  if (bytes.length < 12 || Buffer.from(bytes.subarray(4, 8)).toString("latin1") !== "jP  ") return -1;
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 65536)).indexOf(
    Buffer.from([0xff, 0x4f, 0xff, 0x51]),
  );
}
