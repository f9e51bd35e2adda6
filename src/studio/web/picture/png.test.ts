import { expect, test } from "vitest";
import { crc32, encodePng, toBase64 } from "./png.ts";

/** Chunks of a PNG after its signature; fails where a CRC is wrong. */
function chunksOf(png: Uint8Array): { type: string; data: Uint8Array<ArrayBuffer> }[] {
  const view = new DataView(png.buffer);
  const chunks = [];
  for (let at = 8; at < png.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    expect(view.getUint32(at + 8 + length), type).toBe(crc32(png.subarray(at + 4, at + 8 + length)));
    chunks.push({ type, data: png.slice(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

async function inflated(data: Uint8Array<ArrayBuffer>): Promise<number[]> {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"));
  return Array.from(new Uint8Array(await new Response(stream).arrayBuffer()));
}

test("the CRC is the one of the specification: its check value, and the end chunk of every PNG", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  expect(crc32(new TextEncoder().encode("IEND"))).toBe(0xae426082);
});

test("a picture is its header, its text, its rows and its end", async () => {
  const pixels = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]);
  const png = await encodePng(
    { width: 3, height: 2, channels: 3, pixels },
    { ganglion: { synthetic: true, note: "é – ü" } },
  );
  expect(Array.from(png.subarray(0, 8))).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const [header, text, data, end, ...rest] = chunksOf(png);
  expect([header!.type, text!.type, data!.type, end!.type, rest.length]).toEqual(["IHDR", "tEXt", "IDAT", "IEND", 0]);
  expect(Array.from(header!.data)).toEqual([0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 0, 0, 0]);
  expect(await inflated(data!.data)).toEqual([0, ...pixels.subarray(0, 9), 0, ...pixels.subarray(9)]);
  const words = String.fromCharCode(...text!.data);
  expect(words.indexOf("\0")).toBe("ganglion".length);
  expect(words.slice(9)).toMatch(/^[ -~]+$/);
  expect(JSON.parse(words.slice(9))).toEqual({ synthetic: true, note: "é – ü" });
});

test("a grey picture has one number a pixel and no text that nobody gave", async () => {
  const png = await encodePng({ width: 2, height: 1, channels: 1, pixels: Uint8Array.from([0, 255]) });
  const chunks = chunksOf(png);
  expect(chunks.map(({ type }) => type)).toEqual(["IHDR", "IDAT", "IEND"]);
  expect(chunks[0]!.data[9]).toBe(0);
  expect(await inflated(chunks[1]!.data)).toEqual([0, 0, 255]);
});

test("base64 takes every byte", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(Array.from(atob(toBase64(bytes)), (letter) => letter.charCodeAt(0))).toEqual(Array.from(bytes));
});
