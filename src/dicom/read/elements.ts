import { GanglionError } from "../../core/errors.ts";
import { decodeText } from "./character-sets.ts";
import type { Encoding } from "./transfer-syntax.ts";

/** Tag as one number, `0xggggeeee`. */
export type Tag = number;

/** One data element as it lies in the file: nothing is copied or interpreted until it is asked for. */
export interface Element {
  readonly tag: Tag;
  /** Two letters as written in the file; undefined where the encoding is implicit. */
  readonly vr: string | undefined;
  /** Offset of the first byte of the value. */
  readonly start: number;
  /** Length of the value in bytes; for one of undefined length, up to its delimiter. */
  readonly length: number;
  /** True when the length was not stated: a sequence of items, or compressed frames. */
  readonly undefinedLength: boolean;
}

/** Tag as people write it, `(0028,0010)`. */
export function tagName(tag: Tag): string {
  const hex = (tag >>> 0).toString(16).padStart(8, "0");
  return `(${hex.slice(0, 4)},${hex.slice(4)})`;
}

/** Text from a file with control characters made visible, so that it is one line and does nothing to a terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "\ufffd");
}

/** A file that is not DICOM, is damaged, or holds what is not read; the message is one line with its remedy. */
export function dicomError(name: string, code: string, words: string, cause?: unknown): GanglionError {
  const message = printable(words);
  const problem = { code, path: name, message };
  return new GanglionError("image", `${name}: ${message}`, { cause, problems: [problem] });
}

/** Reads the items of a sequence; given by the parser, so that this file does not import it. */
export type ReadItems = (element: Element, parent: DicomDataset) => DicomDataset[];

/** Elements of one dataset or sequence item, with typed access to their values. */
export class DicomDataset {
  readonly bytes: Uint8Array;
  readonly encoding: Encoding;
  readonly elements: ReadonlyMap<Tag, Element>;
  readonly #view: DataView;
  readonly #readItems: ReadItems;
  readonly #characterSets: readonly string[];

  constructor(
    bytes: Uint8Array,
    encoding: Encoding,
    elements: ReadonlyMap<Tag, Element>,
    readItems: ReadItems,
    inherited: readonly string[] = [],
  ) {
    this.bytes = bytes;
    this.encoding = encoding;
    this.elements = elements;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#readItems = readItems;
    const own = elements.get(0x00080005);
    this.#characterSets = own === undefined ? inherited : this.#split(own, "latin1");
  }

  /** Character sets in force here: those of the dataset, else of the one that holds it (PS3.5 section 6.1.2). */
  get characterSets(): readonly string[] {
    return this.#characterSets;
  }

  has(tag: Tag): boolean {
    return (this.elements.get(tag)?.length ?? 0) > 0;
  }

  /** Raw bytes of a value, a view into the file; empty where it is absent. */
  raw(tag: Tag): Uint8Array {
    const element = this.elements.get(tag);
    return element === undefined ? new Uint8Array(0) : this.#bytesOf(element);
  }

  #bytesOf({ start, length }: Element): Uint8Array {
    return this.bytes.subarray(start, start + length);
  }

  #split(element: Element, how: "latin1" | "declared"): string[] {
    const raw = this.#bytesOf(element).subarray(0, 64 * 1024);
    const text = how === "latin1" ? Buffer.from(raw).toString("latin1") : decodeText(raw, this.#characterSets);
    return text.split("\\").map(trimValue);
  }

  /** Values of a text element in the dataset's character set, without padding; empty where it is absent. */
  texts(tag: Tag): string[] {
    const element = this.elements.get(tag);
    if (element === undefined || element.length === 0) return [];
    return this.#split(element, "declared");
  }

  /** First value of a text element; undefined where it is absent or blank. */
  text(tag: Tag): string | undefined {
    return this.texts(tag)[0] || undefined;
  }

  /** Numbers written as text (DS, IS); those that are none are left out. */
  decimals(tag: Tag): number[] {
    const found = this.texts(tag).filter((text) => text !== "" && /^[-+0-9.eE]+$/.test(text));
    return found.map(Number).filter(Number.isFinite);
  }

  /** 16-bit whole numbers (US or SS), unsigned unless `signed`; a 32-bit element (UL, SL) is read as such. */
  integers(tag: Tag, signed = false): number[] {
    const element = this.elements.get(tag);
    if (element === undefined) return [];
    const { start, length, vr } = element;
    const little = this.encoding.littleEndian;
    const wide = vr === "UL" || vr === "SL";
    const negative = signed || vr === "SS" || vr === "SL";
    const out: number[] = [];
    const step = wide ? 4 : 2;
    for (let at = start; at + step <= start + length; at += step) {
      if (wide) out.push(negative ? this.#view.getInt32(at, little) : this.#view.getUint32(at, little));
      else out.push(negative ? this.#view.getInt16(at, little) : this.#view.getUint16(at, little));
    }
    return out;
  }

  /** First of {@link integers}. */
  integer(tag: Tag, signed = false): number | undefined {
    return this.integers(tag, signed)[0];
  }

  /** 64-bit floats (FD) or 32-bit ones (FL), by the element's own type; FD where the encoding is implicit. */
  floats(tag: Tag): number[] {
    const element = this.elements.get(tag);
    if (element === undefined) return [];
    const { start, length, vr } = element;
    const little = this.encoding.littleEndian;
    const step = vr === "FL" || vr === "OF" ? 4 : 8;
    const out: number[] = [];
    for (let at = start; at + step <= start + length; at += step) {
      out.push(step === 4 ? this.#view.getFloat32(at, little) : this.#view.getFloat64(at, little));
    }
    return out;
  }

  /** Items of a sequence; none where it is absent. @throws GanglionError `image` when the sequence is damaged */
  items(tag: Tag): DicomDataset[] {
    const element = this.elements.get(tag);
    return element === undefined || element.length === 0 ? [] : this.#readItems(element, this);
  }
}

/** Padding is a space or, against the rules but common, a zero byte. */
function trimValue(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === " " || text[end - 1] === "\0")) end--;
  let from = 0;
  while (from < end && text[from] === " ") from++;
  return text.slice(from, end);
}
