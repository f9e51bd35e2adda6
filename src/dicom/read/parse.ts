import { inflateRawSync } from "node:zlib";
import { foreignBytes, foreignMessage } from "../../core/foreign-bytes.ts";
import { named } from "../../core/quoted.ts";
import { ElementReader, isValueRepresentation } from "./element-reader.ts";
import { type DicomDataset, dicomError } from "./elements.ts";
import {
  EXPLICIT_BIG_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
  type TransferSyntax,
  transferSyntax,
} from "./transfer-syntax.ts";

/** A parsed file: its elements, and what was odd about it. */
export interface DicomFile {
  /** Name in errors. */
  readonly name: string;
  readonly dataset: DicomDataset;
  readonly syntax: TransferSyntax;
  /** What was missing or wrong and could be worked around, one line each. */
  readonly oddities: readonly string[];
}

/** Most bytes that a deflated dataset may come to. */
const MAX_INFLATED = 2 ** 30;
const TRANSFER_SYNTAX_UID = 0x00020010;

/** True when bytes begin with a preamble and `DICM`, which is sure, or with elements that a dataset begins with. */
export function looksLikeDicom(bytes: Uint8Array): boolean {
  return hasPreamble(bytes) || guessEncoding(bytes, 0) !== null;
}

function hasPreamble(bytes: Uint8Array): boolean {
  return bytes.length >= 132 && Buffer.from(bytes.subarray(128, 132)).toString("latin1") === "DICM";
}

/** Encoding of the dataset at `at` by its first element, which is of group 0002 or 0008 in any sensible file; or null. */
function guessEncoding(bytes: Uint8Array, at: number): TransferSyntax | null {
  if (bytes.length < at + 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const vr = String.fromCharCode(bytes[at + 4]!, bytes[at + 5]!);
  const explicit = isValueRepresentation(vr);
  for (const little of [true, false]) {
    const group = view.getUint16(at, little);
    const element = view.getUint16(at + 2, little);
    if ((group !== 2 && group !== 8) || element > 0x2000) continue;
    if (explicit) return little ? EXPLICIT_LITTLE_ENDIAN : EXPLICIT_BIG_ENDIAN;
    const length = view.getUint32(at + 4, little);
    if (little && length <= bytes.length - at - 8 && length < 4096) return IMPLICIT_LITTLE_ENDIAN;
  }
  return null;
}

/**
 * Parses a DICOM file, or a bare dataset without preamble or file meta information, whose encoding is then guessed and
 * said in `oddities`. Values are not interpreted, sequences not opened.
 * @param name Name of the file in errors.
 * @throws GanglionError `image` when the bytes are not DICOM, are damaged or in a transfer syntax that is not read.
 */
export function parseDicom(bytes: Uint8Array, name = "file"): DicomFile {
  const oddities: string[] = [];
  let start = 0;
  if (hasPreamble(bytes)) start = 132;
  else if (guessEncoding(bytes, 0) === null) {
    const foreign = foreignBytes(bytes);
    if (foreign !== null) throw dicomError(name, foreign.code, foreignMessage(foreign));
    const found = "this is not DICOM (no DICM at byte 128, no dataset at its beginning)";
    throw dicomError(name, "not-dicom", `${found}; remove it or restore it from its source`);
  } else oddities.push("there is no preamble with DICM");

  const reader = new ElementReader(bytes, name);
  let at = start;
  let uid = "";
  const first = bytes.length >= start + 2 ? bytes[start]! | (bytes[start + 1]! << 8) : 0;
  if (first === 2) {
    const vr = String.fromCharCode(bytes[start + 4]!, bytes[start + 5]!);
    const encoding = isValueRepresentation(vr) ? EXPLICIT_LITTLE_ENDIAN.encoding : IMPLICIT_LITTLE_ENDIAN.encoding;
    if (!encoding.explicit) oddities.push("the file meta information is written in implicit VR");
    const meta = reader.readElements(start, bytes.length, encoding, { until: (tag) => tag >>> 16 !== 2 });
    uid = reader.dataset(meta.elements, encoding).text(TRANSFER_SYNTAX_UID) ?? "";
    at = meta.at;
  }
  const known = uid === "" ? undefined : transferSyntax(uid);
  if (uid !== "" && known === undefined) {
    const message = `the transfer syntax ${named(uid)} is not read; convert the file to Explicit VR Little Endian (1.2.840.10008.1.2.1) first`;
    throw dicomError(name, "transfer-syntax", message);
  }
  if (known?.deflated === true) return parseDeflated(bytes.subarray(at), known, name, oddities);
  return parseDataset(reader, bytes, at, known, name, oddities);
}

function parseDeflated(deflated: Uint8Array, syntax: TransferSyntax, name: string, oddities: string[]): DicomFile {
  let inflated: Uint8Array;
  try {
    inflated = inflateRawSync(deflated, { maxOutputLength: MAX_INFLATED });
  } catch (cause) {
    const said = (cause as Error).message;
    const message = `the deflated dataset cannot be unpacked (${said}); restore the file from its source`;
    throw dicomError(name, "damaged-dicom", message, cause);
  }
  return parseDataset(new ElementReader(inflated, name), inflated, 0, syntax, name, oddities);
}

function parseDataset(
  reader: ElementReader,
  bytes: Uint8Array,
  at: number,
  known: TransferSyntax | undefined,
  name: string,
  oddities: string[],
): DicomFile {
  let syntax = known;
  const guess = guessEncoding(bytes, at);
  if (syntax === undefined) {
    syntax = guess ?? IMPLICIT_LITTLE_ENDIAN;
    oddities.push(`no transfer syntax is stated, taken for ${syntax.name}`);
  } else if (guess !== null && guess.encoding !== syntax.encoding) {
    oddities.push(`the transfer syntax is ${syntax.name}, but the elements are written as ${guess.name}`);
    syntax = { ...syntax, encoding: guess.encoding };
  }
  const { elements, oddity } = reader.readElements(at, bytes.length, syntax.encoding, { tolerateTail: true });
  if (oddity !== undefined) oddities.push(oddity);
  return { name, dataset: reader.dataset(elements, syntax.encoding), syntax, oddities };
}
