/** Formats of image files that are decoded. */
export type ImageFormat = "png" | "jpeg" | "tiff" | "webp" | "bmp" | "pnm" | "gif";

/** Bytes of each format and their places. */
const MAGIC: readonly (readonly [ImageFormat, ...(readonly [at: number, bytes: string])[]])[] = [
  ["png", [0, "\x89PNG\r\n\x1a\n"]],
  ["jpeg", [0, "\xff\xd8\xff"]],
  // Little and big endian, with places of 32 bits and of 64 (BigTIFF).
  ["tiff", [0, "II*\0"]],
  ["tiff", [0, "MM\0*"]],
  ["tiff", [0, "II+\0"]],
  ["tiff", [0, "MM\0+"]],
  ["webp", [0, "RIFF"], [8, "WEBP"]],
  ["gif", [0, "GIF87a"]],
  ["gif", [0, "GIF89a"]],
  // The reserved words are zero, as in nothing else that begins with BM.
  ["bmp", [0, "BM"], [6, "\0\0\0\0"]],
  // A digit for the kind, then white space.
  ...["P2", "P3", "P5", "P6"].flatMap((kind) =>
    [" ", "\t", "\n", "\r"].map((space) => ["pnm", [0, `${kind}${space}`]] as const),
  ),
];

/** Format of an image by its first bytes; null for anything else. */
export function imageFormat(bytes: Uint8Array): ImageFormat | null {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString("latin1");
  for (const [format, ...parts] of MAGIC) {
    if (parts.every(([at, magic]) => start.startsWith(magic, at))) return format;
  }
  return null;
}
