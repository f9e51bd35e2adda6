import { deflateRawSync } from "node:zlib";

/** An element to write: tag, type, and a value: text, numbers of the type, raw bytes, or the items of a sequence. */
export type BuiltElement = readonly [
  tag: number,
  vr: string,
  value: string | readonly number[] | Uint8Array | readonly (readonly BuiltElement[])[],
];

/** How {@link buildDicom} writes. */
export interface BuildOptions {
  /** UID of the transfer syntax. Defaults to Explicit VR Little Endian. */
  readonly syntax?: string;
  /** Defaults to true: preamble, `DICM` and file meta information. */
  readonly meta?: boolean;
  /** Sequences and items with delimiters instead of lengths. Defaults to false. */
  readonly undefinedLengths?: boolean;
}

const LONG = new Set(["OB", "OW", "OL", "OF", "SQ", "UN", "UT"]);
const ITEM = 0xfffee000;
const UNDEFINED = 0xffffffff;

/** Writes a DICOM file of elements, which must be in order of their tags. */
export function buildDicom(elements: readonly BuiltElement[], options: BuildOptions = {}): Uint8Array {
  const { syntax = "1.2.840.10008.1.2.1", meta = true, undefinedLengths = false } = options;
  const little = syntax !== "1.2.840.10008.1.2.2";
  const explicit = syntax !== "1.2.840.10008.1.2";
  const whole = write(elements, little, explicit, undefinedLengths);
  const dataset = syntax === "1.2.840.10008.1.2.1.99" ? deflateRawSync(whole) : whole;
  if (!meta) return new Uint8Array(dataset);
  const group = write([[0x00020010, "UI", syntax]], true, true, false);
  return new Uint8Array(Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), group, dataset]));
}

function write(elements: readonly BuiltElement[], little: boolean, explicit: boolean, open: boolean): Buffer {
  return Buffer.concat(
    elements.flatMap(([tag, vr, value]) => {
      const sequence = vr === "SQ";
      const content = sequence
        ? items(value as readonly (readonly BuiltElement[])[], little, explicit, open)
        : bytesOf(vr, value as string | readonly number[] | Uint8Array, little);
      const length = sequence && open ? UNDEFINED : content.length;
      return [head(tag, vr, length, little, explicit), content];
    }),
  );
}

function items(list: readonly (readonly BuiltElement[])[], little: boolean, explicit: boolean, open: boolean): Buffer {
  const parts = list.flatMap((item) => {
    const content = write(item, little, explicit, open);
    const end = open ? [head(0xfffee00d, "", 0, little, false)] : [];
    return [head(ITEM, "", open ? UNDEFINED : content.length, little, false), content, ...end];
  });
  if (open) parts.push(head(0xfffee0dd, "", 0, little, false));
  return Buffer.concat(parts);
}

function head(tag: number, vr: string, length: number, little: boolean, explicit: boolean): Buffer {
  const out = Buffer.alloc(explicit && LONG.has(vr) ? 12 : 8);
  const two = (value: number, at: number) => (little ? out.writeUInt16LE(value, at) : out.writeUInt16BE(value, at));
  const four = (value: number, at: number) => (little ? out.writeUInt32LE(value, at) : out.writeUInt32BE(value, at));
  two(tag >>> 16, 0);
  two(tag & 0xffff, 2);
  if (!explicit) four(length, 4);
  else {
    out.write(vr, 4, "latin1");
    if (LONG.has(vr)) four(length, 8);
    else two(length, 6);
  }
  return out;
}

function bytesOf(vr: string, value: string | readonly number[] | Uint8Array, little: boolean): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === "string") {
    const text = Buffer.from(value, "latin1");
    return text.length % 2 === 0 ? text : Buffer.concat([text, Buffer.from(vr === "UI" ? "\0" : " ")]);
  }
  const width = { US: 2, SS: 2, OW: 2, UL: 4, OL: 4, OB: 1, FD: 8 }[vr] ?? 2;
  const out = Buffer.alloc(width * value.length);
  for (const [i, number] of value.entries()) {
    if (width === 8) little ? out.writeDoubleLE(number, 8 * i) : out.writeDoubleBE(number, 8 * i);
    else {
      const wrapped = number < 0 ? number + 2 ** (8 * width) : number;
      little ? out.writeUIntLE(wrapped, width * i, width) : out.writeUIntBE(wrapped, width * i, width);
    }
  }
  return out;
}

/** The image pixel module of a small grey picture; further elements replace or join those here. */
export function greyElements(
  rows: number,
  columns: number,
  pixels: readonly number[] | Uint8Array,
  further: readonly BuiltElement[] = [],
): BuiltElement[] {
  const eight = pixels instanceof Uint8Array;
  const own: BuiltElement[] = [
    [0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.7"],
    [0x00080018, "UI", "1.2.3.4"],
    [0x00080060, "CS", "OT"],
    [0x00280002, "US", [1]],
    [0x00280004, "CS", "MONOCHROME2"],
    [0x00280010, "US", [rows]],
    [0x00280011, "US", [columns]],
    [0x00280100, "US", [eight ? 8 : 16]],
    [0x00280101, "US", [eight ? 8 : 16]],
    [0x00280102, "US", [eight ? 7 : 15]],
    [0x00280103, "US", [0]],
    [0x7fe00010, eight ? "OB" : "OW", pixels],
  ];
  const replaced = new Set(further.map(([tag]) => tag));
  return [...own.filter(([tag]) => !replaced.has(tag)), ...further].sort(([a], [b]) => a - b);
}
