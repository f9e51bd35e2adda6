import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { readDataset } from "./dataset.ts";
import { decodeImage, decodePng, decodeSmall, encodePng, pixelHash, withChannels } from "./image.ts";
import { imageChannels, readImage, readMask } from "./pixels.ts";
import { cropSquare, resizeSquare, resizeSquareNearest, toPlanes } from "./square.ts";
import { noise, pngOf, writeFiles } from "./testing/fixtures.ts";
import type { RawImage } from "./types.ts";

const raw = (data: Uint8Array | Uint16Array, width: number, height: number, channels: 1 | 2 | 3 | 4) =>
  sharp(data, { raw: { width, height, channels } });

describe("decoding", () => {
  test.each([1, 3] as const)(
    "PNG of %i channels comes back exactly, and is the same bytes each time",
    async (channels) => {
      const image = noise(1, 7, 5, channels);
      const png = await encodePng(image);
      expect(await decodePng(png)).toEqual(image);
      expect(Buffer.compare(png, await encodePng(image))).toBe(0);
    },
  );

  test("16-bit grey becomes 8 bits over the full range, or over a window", async () => {
    const wide = Uint16Array.of(0, 128, 129, 32767, 65407, 65535);
    const png = await raw(wide, 6, 1, 1).toColourspace("grey16").png().toBuffer();
    const full = await decodeImage(png);
    expect(full).toMatchObject({ channels: 1, width: 6, height: 1 });
    expect([...full.data]).toEqual([0, 0, 1, 127, 255, 255]);
    const window = await decodeImage(png, { window: { center: 100, width: 200 } });
    expect([...window.data]).toEqual([0, 163, 164, 255, 255, 255]);
  });

  test("16-bit colour becomes 8 bits", async () => {
    const png = await raw(Uint16Array.of(0, 32896, 65535), 1, 1, 3)
      .toColourspace("rgb16")
      .png()
      .toBuffer();
    expect((await sharp(png).metadata()).depth).toBe("ushort");
    expect(await decodeImage(png)).toMatchObject({ channels: 3, data: Uint8Array.of(0, 128, 255) });
  });

  test("alpha is composited over black", async () => {
    const png = await raw(Uint8Array.of(200, 100, 50, 255, 200, 100, 50, 0), 2, 1, 4)
      .png()
      .toBuffer();
    expect([...(await decodeImage(png)).data]).toEqual([200, 100, 50, 0, 0, 0]);
  });

  test("a palette becomes colour", async () => {
    const png = await raw(Uint8Array.of(255, 0, 0, 0, 0, 255), 2, 1, 3)
      .png({ palette: true })
      .toBuffer();
    expect((await sharp(png).metadata()).isPalette).toBe(true);
    expect([...(await decodeImage(png)).data]).toEqual([255, 0, 0, 0, 0, 255]);
  });

  test("EXIF rotation is applied", async () => {
    const image = { width: 8, height: 16, channels: 1, data: new Uint8Array(128).fill(20) } as const;
    image.data.fill(220, 0, 64);
    const jpeg = await raw(image.data, 8, 16, 1).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
    const turned = await decodeImage(jpeg);
    expect(turned).toMatchObject({ width: 16, height: 8 });
    // orientation 6: the stored top is shown at the right
    expect(turned.data[0]).toBeLessThan(40);
    expect(turned.data[15 * turned.channels]).toBeGreaterThan(200);
  });

  test("CMYK becomes sRGB", async () => {
    const jpeg = await raw(new Uint8Array(8 * 8 * 3).fill(255), 8, 8, 3)
      .toColourspace("cmyk")
      .jpeg()
      .toBuffer();
    expect((await sharp(jpeg).metadata()).space).toBe("cmyk");
    const image = await decodeImage(jpeg);
    expect(image.channels).toBe(3);
    expect(image.data.every((v) => v > 245)).toBe(true);
  });

  test("grey of colour is that of BT.601, colour of grey repeats it", () => {
    const colour: RawImage = { width: 2, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0, 10, 20, 30) };
    expect([...withChannels(colour, 1).data]).toEqual([76, 18]);
    expect([...withChannels({ width: 1, height: 1, channels: 1, data: Uint8Array.of(9) }, 3).data]).toEqual([9, 9, 9]);
  });

  test("equal pixels have equal hashes, other sizes others", () => {
    const image = noise(1, 4, 2, 1);
    expect(pixelHash(image)).toBe(pixelHash({ ...image }));
    expect(pixelHash(image)).not.toBe(pixelHash({ ...image, width: 2, height: 4 }));
  });
});

describe("squares", () => {
  const ramp: RawImage = { width: 5, height: 2, channels: 1, data: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9) };

  test("the crop is centred, the odd pixel is left out at the right or bottom", () => {
    expect([...cropSquare(ramp).data]).toEqual([1, 2, 6, 7]);
    const tall = { ...ramp, width: 2, height: 5 };
    expect([...cropSquare(tall).data]).toEqual([2, 3, 4, 5]);
  });

  test("nearest pixels keep the values of a mask and follow the same crop", async () => {
    const data = new Uint8Array(20 * 30).map((_, i) => (i % 30 >= 15 ? 255 : 0));
    const mask: RawImage = { width: 30, height: 20, channels: 1, data };
    const small = resizeSquareNearest(mask, 8);
    expect([...small.data.subarray(0, 8)]).toEqual([0, 0, 0, 0, 255, 255, 255, 255]);
    const image = await resizeSquare(mask, 8);
    expect([...image.data.subarray(0, 8)].map((v) => v > 127)).toEqual(
      [...small.data.subarray(0, 8)].map((v) => v > 127),
    );
  });

  test("a flat image stays flat at every size, up and down", async () => {
    const flat: RawImage = { width: 20, height: 24, channels: 3, data: new Uint8Array(1440).fill(77) };
    for (const size of [5, 20, 64]) {
      const out = await resizeSquare(flat, size);
      expect(out).toMatchObject({ width: size, height: size, channels: 3 });
      expect(out.data.every((v) => v === 77)).toBe(true);
    }
  });

  test("planes", () => {
    const out = new Uint8Array(7);
    toPlanes({ width: 2, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) }, out, 1);
    expect([...out]).toEqual([0, 1, 4, 2, 5, 3, 6]);
  });
});

describe("bad input: images", async () => {
  const folder = await temporaryFolder();
  const jpeg = await raw(noise(1, 64, 64, 3).data, 64, 64, 3)
    .jpeg()
    .toBuffer();

  /** A set whose first image has been replaced after it was listed. */
  async function withImage(name: string, bytes: Uint8Array) {
    const root = await writeFiles(join(folder, name), {
      "metadata.csv": "file_name,label\na.jpg,x\nb.png,y\n",
      "a.jpg": bytes,
      "b.png": await pngOf(1),
    });
    return readDataset(root);
  }

  test.each([3, 40, jpeg.length >> 1])(
    "a JPEG cut short by %i bytes is an error with file, rule and remedy",
    async (cut) => {
      const dataset = await withImage(`cut${cut}`, jpeg.subarray(0, jpeg.length - cut));
      const error = await failure(readImage(dataset, 0));
      expect(error.code).toBe("image");
      expect(error.message).toMatch(/^a\.jpg: the image is damaged or cut short \(.*\); restore it/);
    },
  );

  test("something that is no image, whatever its extension", async () => {
    const svg = await failure(readImage(await withImage("svg", Buffer.from("<svg/>")), 0));
    expect(svg.message).toBe("a.jpg: this is SVG by its first bytes; draw it as PNG");
    const error = await failure(readImage(await withImage("text", Buffer.from("words")), 0));
    expect(error.message).toBe(
      "a.jpg: this is not PNG, JPEG, TIFF, WebP, BMP, GIF or PGM/PPM (by its first bytes); convert the file to PNG or replace it",
    );
  });

  test("a file that is gone, and a window on 8-bit images", async () => {
    const dataset = await withImage("window", jpeg);
    const error = await failure(readImage(dataset, 0, { center: 1, width: 2 }));
    expect(error.message).toContain("this image is 8-bit colour; leave the window out");
    const gone = { ...dataset, samples: [{ ...dataset.samples[0]!, fileName: "gone.png" }] };
    expect((await failure(readImage(gone, 0))).message).toContain("there is no such file");
  });

  test("a PNG that declares too many pixels is refused before decoding", async () => {
    const png = Buffer.from(await pngOf(1));
    png.writeUInt32BE(60_000, 16);
    png.writeUInt32BE(60_000, 20);
    const { crc32 } = await import("./readers/zip.ts");
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    const error = await failure(readImage(await withImage("bomb", png), 0));
    expect(error.message).toContain("more than 100 million pixels");
  });

  test("masks have one channel; sets are grey only when every image is", async () => {
    const root = await writeFiles(join(folder, "masks"), {
      "metadata.csv": "file_name,label,mask_file_name\na.png,x,m.png\nb.png,y,\n",
      "a.png": await pngOf(1, 8, 8, 1),
      "b.png": await pngOf(1, 8, 8, 1),
      "m.png": await pngOf(2, 8, 8, 3),
    });
    const dataset = await readDataset(root);
    expect((await readMask(dataset, 0))?.channels).toBe(1);
    expect(await readMask(dataset, 1)).toBeNull();
    expect(await imageChannels(dataset)).toBe(1);
    await writeFile(join(root, "b.png"), await pngOf(1, 8, 8, 3));
    expect(await imageChannels(dataset)).toBe(3);
  });
});

describe("decoding to a smaller size", () => {
  /** A smooth picture, so that ways to make it smaller agree. */
  const smooth = (width: number, height: number): RawImage => {
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      return Math.round([(255 * x) / width, (255 * y) / height, 128][i % 3]!);
    });
    return { width, height, channels: 3, data };
  };
  const farthest = (a: RawImage, b: RawImage) => {
    expect([a.width, a.height, a.channels]).toEqual([b.width, b.height, b.channels]);
    return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
  };

  test("is close to decoding and resizing, for PNG, JPEG, 16 bits, alpha and turned pictures", async () => {
    const image = smooth(400, 200);
    const pixels = sharp(image.data, { raw: { width: 400, height: 200, channels: 3 } });
    const expected = await decodeImage(await pixels.clone().resize(100, 50, { kernel: "lanczos3" }).png().toBuffer());
    const files = {
      png: await encodePng(image),
      jpeg: await pixels.clone().jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer(),
      wide: await pixels.clone().toColourspace("rgb16").png().toBuffer(),
      alpha: await pixels.clone().ensureAlpha().png().toBuffer(),
      turned: await pixels.clone().rotate(270).withMetadata({ orientation: 6 }).png().toBuffer(),
    };
    for (const [name, bytes] of Object.entries(files)) {
      expect(farthest(await decodeSmall(bytes, { size: 100, kernel: "lanczos3" }), expected), name).toBeLessThanOrEqual(
        4,
      );
    }
  });

  test("takes the nearest pixel of a mask, and leaves a small image as it is", async () => {
    const image = noise(3, 64, 32, 1);
    image.data.forEach((value, i) => {
      image.data[i] = value < 128 ? 0 : 255;
    });
    const png = await encodePng(image);
    const small = await decodeSmall(png, { size: 16, kernel: "nearest" });
    expect([small.width, small.height, ...new Set(small.data)].sort()).toEqual([0, 16, 255, 8]);
    expect(await decodeSmall(png, { size: 64, kernel: "nearest" })).toEqual(image);
  });

  test("refuses a file that is cut short", async () => {
    const png = await encodePng(noise(4, 300, 300, 3));
    const error = await failure(decodeSmall(png.subarray(0, png.length / 2), { size: 50, kernel: "lanczos3" }));
    expect([error.code, error.message]).toEqual(["image", expect.stringContaining("damaged or cut short")]);
  });
});
