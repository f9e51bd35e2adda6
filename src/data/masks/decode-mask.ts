import { decodePlainPng, SMALL_PICTURE } from "../decode/plain-png.ts";
import { decodeValues } from "../image.ts";
import { greyOf } from "./mask-values.ts";
import { openPalette } from "./palette.ts";
import type { StoredMask } from "./stored-mask.ts";

/** Largest difference of the channels of a pixel that the loss of JPEG makes of grey. */
const CHROMA_NOISE = 40;
/** Share of pixels that may differ by more, at the edges of a grey mask. */
const CHROMA_EDGES = 0.005;

function channelSpread(colour: number): number {
  const [r, g, b] = [colour >> 16, (colour >> 8) & 255, colour & 255];
  return Math.max(r, g, b) - Math.min(r, g, b);
}

/** Values of colours as grey, where they are grey; null where they are not. */
function asGrey(values: Uint32Array, lossy: boolean): Uint16Array | null {
  if (!lossy) {
    const out = new Uint16Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const grey = greyOf(values[i]!);
      if (grey === null) return null;
      out[i] = grey;
    }
    return out;
  }
  let coloured = 0;
  for (const value of values) if (channelSpread(value) > CHROMA_NOISE) coloured++;
  if (coloured > CHROMA_EDGES * values.length) return null;
  return Uint16Array.from(values, (value) => Math.round(((value >> 16) + ((value >> 8) & 255) + (value & 255)) / 3));
}

/** Greys of a PNG of 1, 2 or 4 bits by position, as a decoder widens them; undefined for more bits. */
function fewBits(bytes: Uint8Array): number[] | undefined {
  const png = bytes[0] === 0x89 && bytes[1] === 0x50;
  const bits = bytes[24]!;
  if (!png || bytes[25] !== 0 || bits > 4) return undefined;
  return Array.from({ length: 2 ** bits }, (_, i) => Math.round((255 * i) / (2 ** bits - 1)));
}

/**
 * Decodes a mask to its stored values: 16 bits and positions of a palette are kept, colours of equal channels become grey,
 * transparent pixels black.
 * @param page Of a TIFF of several, from 0. Defaults to 0.
 * @throws GanglionError `image` when the file is damaged
 */
export async function decodeMask(bytes: Uint8Array, name: string, page = 0): Promise<StoredMask> {
  const plain = decodePlainPng(bytes, SMALL_PICTURE);
  if (plain?.channels === 1) {
    const { width, height, data } = plain;
    return { width, height, kind: "grey", values: Uint16Array.from(data), palette: undefined, lossy: false };
  }
  const found = openPalette(bytes);
  if (found !== null) {
    const { width, height, values } = await decodeValues(found.png, name);
    const at = (value: number) => Math.round(value / found.scale);
    const greys = found.palette.map(greyOf);
    if (greys.every((grey) => grey !== null)) {
      const own = Uint16Array.from(values, (value) => greys[at(value)] ?? 0);
      return { width, height, kind: "grey", values: own, palette: greys, lossy: false };
    }
    const positions = Uint16Array.from(values, at);
    return { width, height, kind: "palette", values: positions, palette: found.palette, lossy: false };
  }
  const { width, height, values, lossy } = await decodeValues(bytes, name, page);
  if (values instanceof Uint16Array) {
    return { width, height, kind: "grey", values, palette: fewBits(bytes), lossy };
  }
  const grey = asGrey(values, lossy);
  return { width, height, kind: grey === null ? "colour" : "grey", values: grey ?? values, lossy };
}
