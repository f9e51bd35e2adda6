import type { ValueTransform } from "./grey.ts";
import type { Palette } from "./palette.ts";
import type { StoredFrame } from "./stored-frame.ts";

/** Decoded picture: 8 bits a channel, `HWC`. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB. */
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

const clamp = (value: number) => (value < 0 ? 0 : value > 255 ? 255 : value);

/**
 * Grey frame as 8 bits: modality transform, window, and white for black where MONOCHROME1 says that low values are bright
 * (PS3.3 section C.7.6.3.1.2).
 * @param toGrey What {@link ValueTransform} and window make of a stored value, 0..255.
 */
export function renderGrey(frame: StoredFrame, toGrey: (stored: number) => number): Picture {
  const { data, width, height, photometric } = frame;
  const out = new Uint8ClampedArray(data.length);
  const inverse = photometric === "MONOCHROME1";
  const table = frameTable(frame, toGrey);
  if (table !== null) {
    for (let i = 0; i < data.length; i++) out[i] = table.values[data[i]! - table.low]!;
  } else for (let i = 0; i < data.length; i++) out[i] = toGrey(data[i]!);
  if (inverse) for (let i = 0; i < out.length; i++) out[i] = 255 - out[i]!;
  return { width, height, channels: 1, data: new Uint8Array(out.buffer) };
}

/** What becomes of each 8- or 16-bit value, computed once where a frame has more pixels than there are values. */
function frameTable({ data }: StoredFrame, toGrey: (stored: number) => number) {
  const wide = data.BYTES_PER_ELEMENT;
  if (wide > 2) return null;
  const size = wide === 1 ? 256 : 65536;
  if (data.length < size) return null;
  const low = data instanceof Int8Array ? -128 : data instanceof Int16Array ? -32768 : 0;
  const values = new Uint8ClampedArray(size);
  for (let i = 0; i < size; i++) values[i] = toGrey(i + low);
  return { low, values };
}

/** Frame of palette indices as RGB; indices below the first entry have its colour, those above the last the last's. */
export function renderPalette(frame: StoredFrame, palette: Palette): Picture {
  const { data, width, height } = frame;
  const out = new Uint8Array(3 * data.length);
  const { first, colours } = palette;
  const last = colours.length / 3 - 1;
  for (let i = 0; i < data.length; i++) {
    const entry = 3 * Math.min(last, Math.max(0, data[i]! - first));
    for (let c = 0; c < 3; c++) out[3 * i + c] = colours[entry + c]!;
  }
  return { width, height, channels: 3, data: out };
}

/**
 * Colour frame as RGB of 8 bits. YBR_FULL and YBR_FULL_422 by the equations of PS3.3 section C.7.6.3.1.2 (those of JFIF):
 * R = Y + 1.402 Cr', G = Y - 0.344136 Cb' - 0.714136 Cr', B = Y + 1.772 Cb' with Cb' = Cb - 128. Deeper samples are
 * scaled to 8 bits over their full range.
 * @param bitsStored Bits of a sample.
 */
export function renderColour(frame: StoredFrame, bitsStored: number): Picture {
  const { data, width, height, photometric } = frame;
  const scale = 255 / (2 ** bitsStored - 1);
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i++) out[i] = bitsStored === 8 ? data[i]! : data[i]! * scale;
  if (photometric !== "RGB") {
    for (let i = 0; i + 2 < out.length; i += 3) {
      const y = out[i]!;
      const cb = out[i + 1]! - 128;
      const cr = out[i + 2]! - 128;
      out[i] = clamp(y + 1.402 * cr);
      out[i + 1] = clamp(y - 0.344136 * cb - 0.714136 * cr);
      out[i + 2] = clamp(y + 1.772 * cb);
    }
  }
  return { width, height, channels: 3, data: new Uint8Array(out.buffer) };
}
