/** Start of frame markers of ITU-T T.81, table B.1: all of 0xc0 to 0xcf but tables and extensions. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** What the frame header of a JPEG says (T.81, section B.2.2). */
export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly bits: number;
  readonly components: number;
}

/** The frame header of a JPEG; null where none is found before the first scan. */
export function jpegFrame(bytes: Uint8Array): JpegFrame | null {
  const word = (at: number) => (bytes[at]! << 8) | bytes[at + 1]!;
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    if (isFrame(marker)) {
      const [bits, height, width, components] = [bytes[at + 4]!, word(at + 5), word(at + 7), bytes[at + 9]!];
      return width > 0 && height > 0 ? { width, height, bits, components } : null;
    }
    // Fill bytes, markers without a length, and the first scan are left to whoever decodes.
    if (marker < 0xc0 || marker === 0xff || (marker >= 0xd0 && marker <= 0xda)) return null;
    at += 2 + word(at + 2);
  }
  return null;
}
