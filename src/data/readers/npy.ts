import { GanglionError } from "../../core/errors.ts";
import { quoted } from "../../core/quoted.ts";

/** Kinds of element that are read: booleans, integers, floats, byte strings, UTF-32 strings. */
type NpyKind = "b" | "i" | "u" | "f" | "S" | "U";

/** What the header of a `.npy` array says (NumPy NEP 1, format versions 1.0 to 3.0). */
export interface NpyHeader {
  readonly kind: NpyKind;
  /** Bytes an element. */
  readonly itemBytes: number;
  readonly littleEndian: boolean;
  /** First index fastest, as in Fortran; C order otherwise. */
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Elements in all. */
  readonly count: number;
  /** Offset of the first element in bytes. */
  readonly dataAt: number;
}

/** An array in C order; elements are read by {@link npyNumbers}, {@link npyText} or straight from `data` for bytes. */
export interface NpyArray {
  readonly header: NpyHeader;
  /** Elements in C order, `count * itemBytes` bytes. */
  readonly data: Uint8Array;
}

const MAX_HEADER_BYTES = 65_536;
const MAX_COUNT = 2 ** 40;

export function npyError(name: string, message: string): GanglionError {
  return new GanglionError("archive", `${name}: ${message} [bad-array]`, {
    problems: [{ code: "bad-array", path: name, message }],
  });
}

/**
 * Parses the header from the first bytes of a `.npy` file; null while `bytes` is too short to hold it.
 * Object arrays are refused: their elements are pickled Python, which is never run.
 * @throws GanglionError `archive`
 */
export function parseNpyHeader(bytes: Uint8Array, name: string): NpyHeader | null {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  const wrong = magic.slice(0, bytes.length).some((byte, i) => bytes[i] !== byte);
  if (wrong) throw npyError(name, "this is not a .npy array (wrong first bytes); write it with numpy.save or savez");
  if (bytes.length < 12) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  if (version < 1 || version > 3)
    throw npyError(name, `.npy format version ${version} is unknown; write version 1 to 3`);
  const textAt = version === 1 ? 10 : 12;
  const textBytes = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (textBytes > MAX_HEADER_BYTES) throw npyError(name, `the header claims ${textBytes} bytes; the file is damaged`);
  if (bytes.length < textAt + textBytes) return null;
  const text = new TextDecoder("latin1").decode(bytes.subarray(textAt, textAt + textBytes));

  const descr = /'descr'\s*:\s*(?:'([^']*)'|([[(]))/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shapeText = /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(text);
  if (descr === null || order === null || shapeText === null) {
    throw npyError(name, "the header lacks descr, fortran_order or shape; the file is damaged");
  }
  if (descr[2] !== undefined) throw npyError(name, "structured arrays are not read; save each field as its own array");
  const type = /^([<>|=])([a-zA-Z?])(\d*)$/.exec(descr[1]!);
  if (type?.[2] === "O") {
    throw npyError(name, "the array holds pickled Python objects, which are never loaded; save it as numbers or text");
  }
  const kind = type === null ? "" : type[2] === "?" ? "b" : type[2];
  const size = Number(type?.[3] || 1);
  const known =
    (kind === "b" && size === 1) ||
    ((kind === "i" || kind === "u") && [1, 2, 4, 8].includes(size)) ||
    (kind === "f" && [2, 4, 8].includes(size)) ||
    ((kind === "S" || kind === "U") && size >= 1 && size <= 4096);
  if (type === null || !known) {
    throw npyError(name, `elements of type ${quoted(descr[1])} are not read; use uint8, another integer or a float`);
  }
  const shape = shapeText[1]!
    .split(",")
    .map((part) => part.replace("L", "").trim())
    .filter((part) => part !== "")
    .map(Number);
  const count = shape.reduce((product, n) => product * n, 1);
  if (shape.length > 8 || !shape.every(Number.isSafeInteger) || count > MAX_COUNT) {
    throw npyError(name, `the shape (${shape.slice(0, 8).join(", ")}) is not believable; the file is damaged`);
  }
  return {
    kind: kind as NpyKind,
    itemBytes: kind === "U" ? 4 * size : size,
    littleEndian: type[1] !== ">",
    fortranOrder: order[1] === "True",
    shape,
    count,
    dataAt: textAt + textBytes,
  };
}

/** The same array with the last index fastest. */
export function inCOrder(header: NpyHeader, data: Uint8Array): NpyArray {
  const { shape, itemBytes } = header;
  if (!header.fortranOrder || shape.length < 2 || header.count === 0) return { header, data };
  const out = new Uint8Array(data.length);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, n) => product * n, itemBytes));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < out.length; to += itemBytes) {
    for (let b = 0; b < itemBytes; b++) out[to + b] = data[from + b]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return { header, data: out };
}

/** IEEE 754 half precision. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Function that reads element `i` of a number array; 64-bit integers lose precision above 2^53. */
export function npyNumbers(array: NpyArray): (i: number) => number {
  const { kind, itemBytes, littleEndian } = array.header;
  const view = new DataView(array.data.buffer, array.data.byteOffset, array.data.byteLength);
  switch (`${kind}${itemBytes}`) {
    case "b1":
    case "u1":
      return (i) => view.getUint8(i);
    case "i1":
      return (i) => view.getInt8(i);
    case "u2":
      return (i) => view.getUint16(2 * i, littleEndian);
    case "i2":
      return (i) => view.getInt16(2 * i, littleEndian);
    case "u4":
      return (i) => view.getUint32(4 * i, littleEndian);
    case "i4":
      return (i) => view.getInt32(4 * i, littleEndian);
    case "u8":
      return (i) => Number(view.getBigUint64(8 * i, littleEndian));
    case "i8":
      return (i) => Number(view.getBigInt64(8 * i, littleEndian));
    case "f2":
      return (i) => half(view.getUint16(2 * i, littleEndian));
    case "f4":
      return (i) => view.getFloat32(4 * i, littleEndian);
    case "f8":
      return (i) => view.getFloat64(8 * i, littleEndian);
    default:
      throw npyError("array", `elements of kind ${kind} are text, numbers were expected; save numbers`);
  }
}

/** Element `i` of a text array, without the padding. @throws GanglionError `archive` when a character is not Unicode. */
export function npyText(array: NpyArray, i: number, name: string): string {
  const { kind, itemBytes, littleEndian } = array.header;
  const start = array.data.byteOffset + i * itemBytes;
  const view = new DataView(array.data.buffer, start, itemBytes);
  let text = "";
  if (kind === "S") {
    text = new TextDecoder("latin1").decode(view);
  } else {
    for (let at = 0; at < itemBytes; at += 4) {
      const point = view.getUint32(at, littleEndian);
      if (point > 0x10ffff) throw npyError(name, `element ${i} is not Unicode text; the file is damaged`);
      text += String.fromCodePoint(point);
    }
  }
  const end = text.search(/\0+$/);
  return end < 0 ? text : text.slice(0, end);
}
