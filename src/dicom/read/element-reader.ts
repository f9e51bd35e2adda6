import { GanglionError } from "../../core/errors.ts";
import { DicomDataset, dicomError, type Element, type Tag, tagName } from "./elements.ts";
import { type Encoding, IMPLICIT_LITTLE_ENDIAN } from "./transfer-syntax.ts";

/** Nested sequences deeper than this are taken for damage. */
const MAX_DEPTH = 64;
const MAX_ELEMENTS = 1_000_000;

const UNDEFINED = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
export const PIXEL_DATA: Tag = 0x7fe00010;

/** Value representations whose explicit length takes 32 bits (PS3.5 table 7.1-1). */
const LONG = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]);
const SHORT = new Set("AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split(" "));

/** True for the two letters of a value representation. */
export function isValueRepresentation(letters: string): boolean {
  return SHORT.has(letters) || LONG.has(letters);
}

/** Reads elements from bytes; every length is checked against what is there before it is followed. */
export class ElementReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #name: string;

  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#name = name;
  }

  fail(code: string, message: string): GanglionError {
    return dicomError(this.#name, code, message);
  }

  #tag(at: number, little: boolean): Tag {
    return ((this.#view.getUint16(at, little) << 16) | this.#view.getUint16(at + 2, little)) >>> 0;
  }

  /** Head of the element at `at`: tag, type, length as stated, and where its value begins. */
  #head(at: number, end: number, encoding: Encoding) {
    const { littleEndian: little, explicit } = encoding;
    if (at + 8 > end) throw this.#cutShort(at);
    const tag = this.#tag(at, little);
    if (!explicit || tag >>> 16 === 0xfffe) {
      return { tag, vr: undefined, length: this.#view.getUint32(at + 4, little), start: at + 8 };
    }
    const vr = String.fromCharCode(this.#bytes[at + 4]!, this.#bytes[at + 5]!);
    if (SHORT.has(vr)) return { tag, vr, length: this.#view.getUint16(at + 6, little), start: at + 8 };
    if (!LONG.has(vr) && !/^[A-Z]{2}$/.test(vr)) {
      const found = JSON.stringify(vr);
      const message = `at byte ${at} ${tagName(tag)} has the value representation ${found}, which does not exist; the file is damaged, restore it from its source`;
      throw this.fail("damaged-dicom", message);
    }
    if (at + 12 > end) throw this.#cutShort(at);
    return { tag, vr, length: this.#view.getUint32(at + 8, little), start: at + 12 };
  }

  #cutShort(at: number): GanglionError {
    const message = `the file is cut short inside an element at byte ${at}; restore it from its source`;
    return this.fail("cut-short", message);
  }

  #tooLong(tag: Tag, length: number, left: number): GanglionError {
    const message = `${tagName(tag)} states ${length} bytes and ${left} are left; the file is cut short or damaged, restore it from its source`;
    return this.fail("cut-short", message);
  }

  /**
   * Elements from `at` to `end`, or to the delimiter of an item.
   * @param until Stops before an element for which this is true. Defaults to never.
   */
  readElements(
    at: number,
    end: number,
    encoding: Encoding,
    options: { until?: (tag: Tag) => boolean; tolerateTail?: boolean; depth?: number; inItem?: boolean } = {},
  ): { elements: Map<Tag, Element>; at: number; oddity?: string } {
    const elements = new Map<Tag, Element>();
    const { until, tolerateTail = false, depth = 0, inItem = false } = options;
    let where = at;
    while (where < end) {
      // Zeros after the last element are padding of the file, not an element.
      if (!inItem && end - where < 8 && this.#allZero(where, end)) break;
      try {
        if (until !== undefined && where + 4 <= end && until(this.#tag(where, encoding.littleEndian))) break;
        const head = this.#head(where, end, encoding);
        if (head.tag === ITEM_END) {
          where = head.start;
          return { elements, at: where };
        }
        if (head.tag >>> 16 === 0xfffe) {
          const message = `at byte ${where} there is an item delimiter ${tagName(head.tag)} outside a sequence; the file is damaged, restore it from its source`;
          throw this.fail("damaged-dicom", message);
        }
        const element = this.#element(head, end, encoding, depth);
        if (!elements.has(element.tag)) elements.set(element.tag, element);
        if (elements.size > MAX_ELEMENTS)
          throw this.fail("damaged-dicom", `there are more than ${MAX_ELEMENTS} elements; the file is damaged`);
        where = this.#after;
      } catch (cause) {
        // What follows the pixels is never needed, so damage there is only said.
        if (tolerateTail && elements.has(PIXEL_DATA) && cause instanceof GanglionError) {
          return { elements, at: end, oddity: "what follows the pixels is damaged and was left out" };
        }
        throw cause;
      }
    }
    if (inItem && where > end) throw this.#cutShort(end);
    return { elements, at: where };
  }

  #after = 0;

  #allZero(from: number, to: number): boolean {
    for (let i = from; i < to; i++) if (this.#bytes[i] !== 0) return false;
    return true;
  }

  #element(
    head: { tag: Tag; vr: string | undefined; length: number; start: number },
    end: number,
    encoding: Encoding,
    depth: number,
  ): Element {
    const { tag, vr, length, start } = head;
    if (length !== UNDEFINED) {
      const left = end - start;
      if (length > left) {
        if (tag === PIXEL_DATA && vr !== "SQ" && left > 0) {
          // Frames that are whole can still be read; those that are not say so when they are asked for.
          this.#after = end;
          return { tag, vr, start, length: left, undefinedLength: false };
        }
        throw this.#tooLong(tag, length, left);
      }
      this.#after = start + length;
      return { tag, vr, start, length, undefinedLength: false };
    }
    const pixels = tag === PIXEL_DATA && vr !== "SQ";
    // PS3.5 section 6.2.2: an unknown value of undefined length is a sequence in implicit little endian.
    const inside = vr === "UN" ? IMPLICIT_LITTLE_ENDIAN.encoding : encoding;
    const stop = pixels ? this.#skipFragments(start, end) : this.#skipItems(start, end, inside, depth + 1);
    this.#after = stop.after;
    return { tag, vr, start, length: stop.at - start, undefinedLength: true };
  }

  /** Compressed frames: items of stated length, little endian. A missing delimiter is forgiven at the end of the file. */
  #skipFragments(start: number, end: number): { at: number; after: number } {
    let at = start;
    while (at + 8 <= end) {
      const tag = this.#tag(at, true);
      const length = this.#view.getUint32(at + 4, true);
      if (tag === SEQUENCE_END) return { at, after: at + 8 };
      if (tag !== ITEM || length === UNDEFINED) break;
      if (length > end - at - 8) break;
      at += 8 + length;
    }
    return { at: end, after: end };
  }

  /** Items of a sequence of undefined length, from its first item to behind its delimiter. */
  #skipItems(start: number, end: number, encoding: Encoding, depth: number): { at: number; after: number } {
    if (depth > MAX_DEPTH) {
      throw this.fail("damaged-dicom", `sequences are nested more than ${MAX_DEPTH} deep; the file is damaged`);
    }
    let at = start;
    while (at < end) {
      const item = this.#item(at, end, encoding, depth);
      if (item === null) return { at, after: at + 8 };
      at = item.after;
    }
    throw this.#cutShort(at);
  }

  /** The item at `at`; null for the delimiter of the sequence. */
  #item(at: number, end: number, encoding: Encoding, depth: number) {
    if (at + 8 > end) throw this.#cutShort(at);
    const tag = this.#tag(at, encoding.littleEndian);
    const length = this.#view.getUint32(at + 4, encoding.littleEndian);
    if (tag === SEQUENCE_END) return null;
    if (tag !== ITEM) {
      const message = `at byte ${at} an item of a sequence was expected and ${tagName(tag)} was found; the file is damaged, restore it from its source`;
      throw this.fail("damaged-dicom", message);
    }
    const start = at + 8;
    if (length !== UNDEFINED) {
      if (length > end - start) throw this.#tooLong(ITEM, length, end - start);
      return { start, end: start + length, after: start + length };
    }
    const inside = this.readElements(start, end, encoding, { depth, inItem: true });
    return { start, end: inside.at - 8, after: inside.at };
  }

  /** Datasets of the items of a sequence. */
  readItems(element: Element, parent: DicomDataset): DicomDataset[] {
    const encoding = element.vr === "UN" ? IMPLICIT_LITTLE_ENDIAN.encoding : parent.encoding;
    const end = element.start + element.length;
    const items: DicomDataset[] = [];
    for (let at = element.start; at < end; ) {
      const item = this.#item(at, end, encoding, 1);
      if (item === null) break;
      const { elements } = this.readElements(item.start, item.end, encoding, { depth: 1, inItem: true });
      items.push(this.dataset(elements, encoding, parent.characterSets));
      at = item.after;
    }
    return items;
  }

  dataset(elements: Map<Tag, Element>, encoding: Encoding, inherited: readonly string[] = []): DicomDataset {
    return new DicomDataset(
      this.#bytes,
      encoding,
      elements,
      (element, parent) => this.readItems(element, parent),
      inherited,
    );
  }
}
