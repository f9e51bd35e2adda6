/** Markers of ITU-T T.81, table B.1. */
const [SOS, EOI, SOF_PROGRESSIVE] = [0xda, 0xd9, 0xc2];
const COEFFICIENTS = 64;

const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7;
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** Where the coded data of a scan ends: at the next marker that is no restart, or behind the last byte. */
function scanEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next !== undefined && next !== 0 && next !== 0xff && !isRestart(next)) return at;
  }
  return bytes.length;
}

/**
 * Whether a JPEG goes on to the end of its last byte without an end marker, and has a scan of every coefficient of every
 * component to its last bit (T.81 section G.1.1.1): then all its scans have begun, and only the last may be cut short.
 */
function lacksOnlyEnd(bytes: Uint8Array): boolean {
  /** Lowest bit that scans have brought of each coefficient of a component; 255 where none has. */
  const lowest = new Map<number, Uint8Array>();
  let at = 2;
  let progressive = false;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1]!;
    if (marker === EOI) return false;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const next = at + 2 + length;
    if (length < 2 || next > bytes.length) return false;
    if (isFrame(marker)) {
      progressive = marker === SOF_PROGRESSIVE;
      const components = bytes[at + 9] ?? 0;
      for (let c = 0; c < components; c++) lowest.set(bytes[at + 10 + 3 * c]!, new Uint8Array(COEFFICIENTS).fill(255));
    }
    if (marker !== SOS) {
      at = next;
      continue;
    }
    const count = bytes[at + 4]!;
    const tail = at + 5 + 2 * count;
    const [first, last, bits] = progressive ? [bytes[tail]!, bytes[tail + 1]!, bytes[tail + 2]! & 15] : [0, 63, 0];
    for (let c = 0; c < count; c++) lowest.get(bytes[at + 5 + 2 * c]!)?.fill(bits, first, last + 1);
    at = scanEnd(bytes, next);
    if (at < bytes.length) continue;
    return lowest.size > 0 && [...lowest.values()].every((own) => own.every((bit) => bit === 0));
  }
  return false;
}

/**
 * A JPEG with the end marker that it lacks, so that the decoder says whether the last scan is whole. One that ends with its
 * marker, or is cut before its last scan, comes back as it is.
 */
export function withEndMarker(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-2) === 0xff && bytes.at(-1) === EOI) return bytes;
  const half = bytes.at(-1) === 0xff;
  if (!lacksOnlyEnd(bytes)) return bytes;
  return Buffer.concat([bytes, Uint8Array.of(...(half ? [] : [0xff]), EOI)]);
}
