/**
 * TensorBoard event files: TFRecord frames (length, masked CRC-32C of the length, data, masked CRC-32C of the data) around
 * `Event` protocol buffers (tensorflow/core/util/event.proto and framework/summary.proto).
 */
import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import protobuf from "protobufjs/minimal.js";
import { crc32c } from "../core/crc32c.ts";
import { GanglionError } from "../core/errors.ts";
import { fileError } from "../core/files.ts";
import { listInside, makeFolderInside, openInside } from "../core/inside-folder.ts";

/** TensorBoard finds files by the part before the suffix; ours names no host. */
const FILE_NAME = /^events\.out\.tfevents\.\d+\.ganglion$/;
/** Field numbers of the messages written. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const SUMMARY_VALUE = { tag: 1, simpleValue: 2, image: 4 } as const;
const IMAGE = { height: 1, width: 2, colorspace: 3, encoded: 4 } as const;
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
/** Bytes of a frame beside its data: length and its CRC before, the data's CRC after. */
const HEAD_BYTES = 12;
const TAIL_BYTES = 4;

export interface EventWriterOptions {
  /**
   * Goes on after this step: events of later steps, written before a crash and now done again, are removed.
   * Defaults to keeping every event.
   */
  step?: number;
}

/** The CRC that TFRecord stores: rotated and offset, so that a CRC over CRCs stays sound. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** One event as a TFRecord frame. */
function frame(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + data.length + TAIL_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(data, HEAD_BYTES);
  view.setUint32(HEAD_BYTES + data.length, maskedCrc(data), true);
  return bytes;
}

const tag = (field: number, wire: number) => (field << 3) | wire;

function eventWriter(wallTime: number, step: number): protobuf.Writer {
  return protobuf.Writer.create()
    .uint32(tag(EVENT.wallTime, WIRE.fixed64))
    .double(wallTime)
    .uint32(tag(EVENT.step, WIRE.varint))
    .int64(step);
}

/** Adds one summary value to a summary that is being written; `content` writes what follows its tag. */
function addValue(summary: protobuf.Writer, name: string, content: (writer: protobuf.Writer) => void): void {
  summary.uint32(tag(1, WIRE.bytes)).fork().uint32(tag(SUMMARY_VALUE.tag, WIRE.bytes)).string(name);
  content(summary);
  summary.ldelim();
}

/** The step of an event; 0 when it states none. */
function stepOf(data: Uint8Array): number {
  const reader = protobuf.Reader.create(data);
  while (reader.pos < reader.len) {
    const key = reader.uint32();
    if (key >>> 3 === EVENT.step) return Number(reader.int64());
    reader.skipType(key & 7);
  }
  return 0;
}

/** Length of the leading whole events of a file, up to the first one after `lastStep`. */
async function soundLength(file: FileHandle, lastStep: number): Promise<number> {
  const { size } = await file.stat();
  const head = new Uint8Array(HEAD_BYTES);
  let at = 0;
  while (at + HEAD_BYTES + TAIL_BYTES <= size) {
    await file.read(head, 0, HEAD_BYTES, at);
    const view = new DataView(head.buffer);
    const length = Number(view.getBigUint64(0, true));
    const next = at + HEAD_BYTES + length + TAIL_BYTES;
    if (view.getUint32(8, true) !== maskedCrc(head.subarray(0, 8)) || next > size) break;
    const data = new Uint8Array(length + TAIL_BYTES);
    await file.read(data, 0, data.length, at + HEAD_BYTES);
    const body = data.subarray(0, length);
    if (new DataView(data.buffer).getUint32(length, true) !== maskedCrc(body) || stepOf(body) > lastStep) break;
    at = next;
  }
  return at;
}

/**
 * Writes one event file of a folder. Events are kept in memory until {@link flush}; a process killed while flushing leaves a
 * torn last record, which the next {@link open} cuts off before it goes on in the same file.
 */
export class EventWriter {
  /** Path of the event file. */
  readonly path: string;
  readonly #file: FileHandle;
  /** End of what is safely written, in bytes; a failed flush is written again from here. */
  #end: number;
  #pending: Uint8Array[] = [];

  private constructor(path: string, file: FileHandle, end: number) {
    this.path = path;
    this.#file = file;
    this.#end = end;
  }

  /**
   * Opens the folder's event file, or begins one. Creates the folder.
   * @throws GanglionError `files`
   */
  static async open(folder: string, options: EventWriterOptions = {}): Promise<EventWriter> {
    const seconds = Date.now() / 1000;
    let path = folder;
    let file: FileHandle | undefined;
    try {
      await makeFolderInside(dirname(folder), basename(folder));
      const existing = (await listInside(dirname(folder), basename(folder)))
        .filter((name) => FILE_NAME.test(name))
        .sort();
      path = join(folder, existing.at(-1) ?? `events.out.tfevents.${Math.floor(seconds)}.ganglion`);
      const name = relative(dirname(folder), path);
      file = await openInside(dirname(folder), name, existing.length > 0 ? "update" : "create");
      const end = await soundLength(file, options.step ?? Number.POSITIVE_INFINITY);
      await file.truncate(end);
      const writer = new EventWriter(path, file, end);
      const version = eventWriter(seconds, 0).uint32(tag(EVENT.fileVersion, WIRE.bytes)).string("brain.Event:2");
      if (end === 0) writer.#add(version);
      return writer;
    } catch (cause) {
      await file?.close();
      throw cause instanceof GanglionError ? cause : fileError("open", path, cause);
    }
  }

  /** Adds one event with a number per tag; stored as float32. `wallTimeSeconds` is seconds since 1970. */
  scalars(step: number, wallTimeSeconds: number, values: Readonly<Record<string, number>>): void {
    const event = eventWriter(wallTimeSeconds, step).uint32(tag(EVENT.summary, WIRE.bytes)).fork();
    for (const [name, value] of Object.entries(values))
      addValue(event, name, (writer) => writer.uint32(tag(SUMMARY_VALUE.simpleValue, WIRE.fixed32)).float(value));
    this.#add(event.ldelim());
  }

  /**
   * Adds one event with a PNG file, stamped with the present time.
   * @param channels 1 grey, 3 RGB, 4 RGBA.
   */
  image(step: number, name: string, png: Uint8Array, width: number, height: number, channels: number): void {
    const event = eventWriter(Date.now() / 1000, step)
      .uint32(tag(EVENT.summary, WIRE.bytes))
      .fork();
    addValue(event, name, (writer) =>
      writer
        .uint32(tag(SUMMARY_VALUE.image, WIRE.bytes))
        .fork()
        .uint32(tag(IMAGE.height, WIRE.varint))
        .int32(height)
        .uint32(tag(IMAGE.width, WIRE.varint))
        .int32(width)
        .uint32(tag(IMAGE.colorspace, WIRE.varint))
        .int32(channels)
        .uint32(tag(IMAGE.encoded, WIRE.bytes))
        .bytes(png)
        .ldelim(),
    );
    this.#add(event.ldelim());
  }

  /**
   * Writes the pending events to disk.
   * @throws GanglionError `files`; the events stay pending and the next flush writes them again
   */
  async flush(): Promise<void> {
    const events = this.#pending;
    if (events.length === 0) return;
    const bytes = Buffer.concat(events);
    try {
      for (let written = 0; written < bytes.length; )
        written += (await this.#file.write(bytes, written, bytes.length - written, this.#end + written)).bytesWritten;
    } catch (cause) {
      throw fileError("write", this.path, cause);
    }
    this.#end += bytes.length;
    this.#pending = this.#pending.slice(events.length);
  }

  /** Flushes and closes the file; it is closed even when the flush fails. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#file.close();
    }
  }

  #add(event: protobuf.Writer): void {
    this.#pending.push(frame(event.finish()));
  }
}
