/** Header of a portable grey or colour map: PGM (P2, P5) or PPM (P3, P6), as netpbm documents them. */
export interface PnmHeader {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** Highest value that samples may have, 1 to 65535. */
  readonly most: number;
  /** Numbers as text; else as bytes, two each (the high one first) where {@link PnmHeader.most} is above 255. */
  readonly plain: boolean;
  /** Place of the first sample. */
  readonly samplesAt: number;
}

/** Bytes in which a header lies, its comments among them. */
const MOST_HEADER = 64 * 2 ** 10;

/** @throws Error with what is wrong */
export function pnmHeader(bytes: Uint8Array): PnmHeader {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MOST_HEADER)).toString("latin1");
  const kind = Number(text[1]);
  const numbers: number[] = [];
  // White space and comments before each number.
  const word = /(?:\s|#[^\n\r]*[\n\r])+(\d{1,9})/y;
  word.lastIndex = 2;
  while (numbers.length < 3) {
    const found = word.exec(text);
    if (found === null) throw new Error("the PGM or PPM is damaged or ends within its header");
    numbers.push(Number(found[1]));
  }
  const [width, height, most] = numbers as [number, number, number];
  // One character of white space follows.
  const samplesAt = word.lastIndex + 1;
  if (width < 1 || height < 1) throw new Error(`the PGM or PPM has ${width} x ${height} pixels`);
  if (most < 1 || most > 65535) throw new Error(`the highest value of the PGM or PPM is ${most}`);
  return { width, height, channels: kind === 2 || kind === 5 ? 1 : 3, most, plain: kind < 4, samplesAt };
}

/**
 * Samples row by row: 8 bits stretched to 0..255, as the format means them; of more bits as they are.
 * @throws Error where there are too few
 */
export function decodePnm(bytes: Uint8Array): PnmHeader & { readonly data: Uint8Array | Uint16Array } {
  const header = pnmHeader(bytes);
  const { width, height, channels, most, plain, samplesAt } = header;
  const count = width * height * channels;
  const wide = most > 255;
  const rest = bytes.subarray(samplesAt);
  if (rest.length < (plain ? 2 * count - 1 : count * (wide ? 2 : 1)))
    throw new Error("the PGM or PPM ends before its last pixel");
  const data = wide ? new Uint16Array(count) : new Uint8Array(count);
  const scale = wide ? 1 : 255 / most;
  if (plain) {
    const words = Buffer.from(rest.buffer, rest.byteOffset, rest.length).toString("latin1").match(/\d+/g) ?? [];
    if (words.length < count) throw new Error("the PGM or PPM ends before its last pixel");
    for (let i = 0; i < count; i++) data[i] = Math.round(scale * Math.min(most, Number(words[i])));
  } else if (wide) {
    for (let i = 0; i < count; i++) data[i] = (rest[2 * i]! << 8) | rest[2 * i + 1]!;
  } else if (most === 255) data.set(rest.subarray(0, count));
  else for (let i = 0; i < count; i++) data[i] = Math.round(scale * Math.min(most, rest[i]!));
  return { ...header, data };
}
