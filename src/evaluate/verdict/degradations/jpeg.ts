import sharp from "sharp";
import type { PixelChange } from "./planes.ts";

/** Written as JPEG (4:2:0 in colour) and read again. @param strength Quality, 1..100; less is worse. */
export const jpeg: PixelChange = async ({ bytes, count, channels, side }, quality) => {
  const area = side * side;
  const out = new Uint8Array(bytes.length);
  const interleaved = new Uint8Array(channels * area);
  for (let n = 0; n < count; n++) {
    const start = n * channels * area;
    for (let i = 0; i < area; i++) {
      for (let c = 0; c < channels; c++) interleaved[i * channels + c] = bytes[start + c * area + i]!;
    }
    const coded = await sharp(interleaved, { raw: { width: side, height: side, channels } })
      .jpeg({ quality, chromaSubsampling: "4:2:0" })
      .toBuffer();
    const read = sharp(coded).toColourspace(channels === 1 ? "b-w" : "srgb");
    const data = await read.raw().toBuffer();
    for (let i = 0; i < area; i++) {
      for (let c = 0; c < channels; c++) out[start + c * area + i] = data[i * channels + c]!;
    }
  }
  return out;
};
