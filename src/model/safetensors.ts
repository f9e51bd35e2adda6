/**
 * The safetensors format (github.com/huggingface/safetensors): eight bytes of header length (little-endian), a JSON header
 * with dtype, shape and byte range of every tensor, then the data of all tensors without gaps. What we write also carries
 * a checksum of header and data in `__metadata__`, so that a damaged checkpoint is never trained on.
 */

import { GanglionError, type Problem, throwIfProblems } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { quoted } from "../core/quoted.ts";

/** Half precision is kept as its bits (`half.ts`). */
type TensorData = Float32Array | Int32Array | Float64Array | Uint16Array | Uint8Array;

/** A tensor as it is stored: dimensions, outermost first, and the elements in row-major order. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export interface SafetensorsFile {
  readonly tensors: Record<string, StoredTensor>;
  /** Free text by key; the checksum is not among it. */
  readonly metadata: Record<string, string>;
}

type Dtype = "F32" | "I32" | "F64" | "F16" | "U8";
const DTYPES: Record<Dtype, { bytes: number; view: (buffer: ArrayBuffer) => TensorData }> = {
  F32: { bytes: 4, view: (buffer) => new Float32Array(buffer) },
  I32: { bytes: 4, view: (buffer) => new Int32Array(buffer) },
  F64: { bytes: 8, view: (buffer) => new Float64Array(buffer) },
  F16: { bytes: 2, view: (buffer) => new Uint16Array(buffer) },
  U8: { bytes: 1, view: (buffer) => new Uint8Array(buffer) },
};

const METADATA = "__metadata__";
/** Key of the SHA-256 over the header (without this key, as compact JSON) followed by the data. */
const CHECKSUM = "ganglion.sha256";
/** The format's own limit of the header, in bytes. */
const MAX_HEADER_BYTES = 100_000_000;
const REMEDY = "use another checkpoint of the run, or train again";

function dtypeOf(data: TensorData): Dtype {
  if (data instanceof Float32Array) return "F32";
  if (data instanceof Int32Array) return "I32";
  if (data instanceof Uint16Array) return "F16";
  return data instanceof Float64Array ? "F64" : "U8";
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The element count of a shape, or NaN when it is no list of whole numbers or too large to address. */
function elements(shape: unknown): number {
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return Number.NaN;
  const count = shape.reduce((product: number, size: number) => product * size, 1);
  return Number.isSafeInteger(count) ? count : Number.NaN;
}

/**
 * The bytes of a safetensors file; equal tensors and metadata give equal bytes, whatever the order of the keys of `tensors`.
 * @param metadata Free text by key. Defaults to none.
 * @throws GanglionError `internal` when a shape does not fit its data or a name is reserved
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  // Wider elements first keeps every tensor aligned to its element size; then by name.
  const ordered = Object.entries(tensors).sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const entries: [string, unknown][] = [];
  let end = 0;
  for (const [name, { shape, data }] of ordered) {
    if (name === METADATA) throw new GanglionError("internal", `internal: a tensor must not be called ${METADATA}`);
    if (elements(shape) !== data.length)
      throw new GanglionError("internal", `internal: tensor ${name} [${shape}] has ${data.length} elements`);
    const begin = end;
    end += data.byteLength;
    entries.push([name, { dtype: dtypeOf(data), shape, data_offsets: [begin, end] }]);
  }
  if (CHECKSUM in metadata) throw new GanglionError("internal", `internal: metadata key ${CHECKSUM} is reserved`);
  const header = Object.fromEntries([[METADATA, metadata], ...entries]);
  const body = new Uint8Array(end);
  let at = 0;
  for (const [, { data }] of ordered) {
    body.set(bytesOf(data), at);
    at += data.byteLength;
  }
  const text = JSON.stringify({ ...header, [METADATA]: { ...metadata, [CHECKSUM]: checksum(header, body) } });
  const json = new TextEncoder().encode(text);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  file.fill(0x20, 8 + json.length, 8 + headerBytes);
  file.set(body, 8 + headerBytes);
  return file;
}

function checksum(header: Record<string, unknown>, body: Uint8Array): string {
  return sha256(sha256(JSON.stringify(header)) + sha256(body));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Splits a file into its parsed header and its data. */
function splitFile(bytes: Uint8Array, path: string): { header: Record<string, unknown>; body: Uint8Array } {
  const fail = (what: string, cause?: unknown): never => {
    throw new GanglionError("checkpoint", `${path} is damaged: ${what}; ${REMEDY}`, { cause });
  };
  if (bytes.length < 8) fail(`a safetensors file has at least 8 bytes, this one has ${bytes.length}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) fail(`its header would have ${length} bytes, over the limit of ${MAX_HEADER_BYTES}`);
  const begin = 8 + Number(length);
  if (begin > bytes.length) fail(`its header should end at byte ${begin}, the file ends at ${bytes.length}`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, begin)));
  } catch (cause) {
    fail(`its header is not JSON (${(cause as Error).message})`, cause);
  }
  if (!isRecord(header)) return fail("its header is not a JSON object");
  // A plain view even of a Buffer, whose slice() would not copy.
  return { header, body: new Uint8Array(bytes.buffer, bytes.byteOffset + begin, bytes.length - begin) };
}

interface Entry {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

/** Reads one tensor's entry, or says in one phrase what is wrong with it. */
function readEntry(name: string, value: unknown): Entry | string {
  if (!isRecord(value)) return "its entry is not an object";
  const { dtype, shape, data_offsets: offsets, ...others } = value;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) return `its entry has an unknown key ${quoted(unknown)}`;
  if (typeof dtype !== "string" || !Object.hasOwn(DTYPES, dtype))
    return `dtype ${quoted(dtype)} is none of ${Object.keys(DTYPES).join(", ")}`;
  const count = elements(shape);
  if (Number.isNaN(count)) return `shape ${quoted(shape)} is not a list of whole numbers`;
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every((offset) => Number.isSafeInteger(offset)))
    return `data_offsets ${quoted(offsets)} are not two whole numbers`;
  const [begin, end] = offsets as [number, number];
  const size = count * DTYPES[dtype as Dtype].bytes;
  if (end - begin !== size) return `${dtype} [${shape}] takes ${size} bytes, data_offsets give ${end - begin}`;
  return { name, dtype: dtype as Dtype, shape: shape as number[], begin, end };
}

/**
 * Reads a safetensors file with dtypes F32, I32, F64, F16 and U8; the tensors own their memory.
 * @param path Name of the file in errors.
 * @throws GanglionError `checkpoint` that lists every finding: header length and JSON, dtypes, shapes, byte ranges that leave
 * holes, overlap or miss the end of the file, and a checksum that does not fit (files without one are read unchecked)
 */
export function decodeSafetensors(bytes: Uint8Array, path: string): SafetensorsFile {
  const { header, body } = splitFile(bytes, path);
  const problems: Problem[] = [];
  const found = (name: string, message: string) =>
    problems.push({ code: "damaged-tensor", path: name, message: `${message}; ${REMEDY}` });
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) continue;
    const entry = readEntry(name, value);
    if (typeof entry === "string") found(name, entry);
    else entries.push(entry);
  }
  const metadata = header[METADATA] ?? {};
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === "string"))
    found(METADATA, "metadata is not an object of strings");
  if (problems.length === 0) {
    entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
    let end = 0;
    for (const entry of entries) {
      if (entry.begin !== end)
        found(entry.name, `data begins at byte ${entry.begin}, the tensor before ends at ${end}`);
      end = entry.end;
    }
    if (end !== body.length) found("data", `the tensors end at byte ${end}, the data at ${body.length}`);
  }
  throwIfProblems("checkpoint", `${path} is damaged`, problems);
  const { [CHECKSUM]: stated, ...others } = metadata as Record<string, string>;
  if (stated !== undefined && stated !== checksum({ ...header, [METADATA]: others }, body))
    throw new GanglionError("checkpoint", `${path} is damaged: its checksum does not fit its content; ${REMEDY}`);
  const tensors = Object.fromEntries(
    entries.map(({ name, dtype, shape, begin, end }) => {
      // slice() copies, so that the view is aligned and the file's memory can be freed.
      return [name, { shape, data: DTYPES[dtype].view(body.slice(begin, end).buffer as ArrayBuffer) }];
    }),
  );
  return { tensors, metadata: others };
}
