import sharp from "sharp";
import { expect, test } from "vitest";
import { decodeImage } from "../image.ts";
import { jpegFrame } from "./jpeg-frame.ts";

const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 37 + (i >> 3)) & 255);
const jpeg = (channels: 1 | 3, progressive = false) =>
  sharp(noise(30 * 20 * channels), { raw: { width: 30, height: 20, channels } })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .jpeg({ progressive });
const turned = () => jpeg(3).withMetadata({ orientation: 6 });

test("says size, depth and components, behind profiles and EXIF", async () => {
  expect(jpegFrame(await turned().toBuffer())).toEqual({ width: 30, height: 20, bits: 8, components: 3 });
  expect(jpegFrame(await jpeg(1, true).toBuffer())).toEqual({ width: 30, height: 20, bits: 8, components: 1 });
  expect(jpegFrame(await jpeg(3).toColourspace("cmyk").toBuffer())).toMatchObject({ components: 4 });
});

test("says nothing where there is no frame", async () => {
  const whole = await jpeg(3).toBuffer();
  expect(jpegFrame(whole.subarray(0, 20))).toBeNull();
  expect(jpegFrame(new Uint8Array(100))).toBeNull();
  expect(jpegFrame(Uint8Array.of(0xff, 0xd8, 0xff, 0xda, 0, 4, 0, 0, 0, 0, 0, 0, 0))).toBeNull();
});

test("pictures are decoded as before: turned, grey, CMYK", async () => {
  const upright = await decodeImage(await turned().toBuffer());
  expect([upright.width, upright.height, upright.channels]).toEqual([20, 30, 3]);
  const grey = await decodeImage(await jpeg(1).toBuffer());
  expect([grey.width, grey.height, grey.channels]).toEqual([30, 20, 1]);
  const cmyk = await jpeg(3).toColourspace("cmyk").toBuffer();
  const plain = await sharp(cmyk).autoOrient().toColourspace("srgb").raw().toBuffer();
  expect(Buffer.from((await decodeImage(cmyk)).data)).toEqual(plain);
});
