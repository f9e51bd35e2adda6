import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GanglionError } from "../core/errors.ts";
import { EventWriter } from "./tensorboard.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ganglion-events-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// A reader of its own, from the published formats, sharing no code with the writer.

function bitwiseMaskedCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0x82f63b78 & -(crc & 1));
  }
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

type Fields = Map<number, (number | bigint | Uint8Array)[]>;

function parseMessage(bytes: Uint8Array): Fields {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: Fields = new Map();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, value);
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    let value: number | bigint | Uint8Array;
    if ((key & 7) === 0) value = varint();
    else if ((key & 7) === 1) {
      value = view.getFloat64(at, true);
      at += 8;
    } else if ((key & 7) === 5) {
      value = view.getFloat32(at, true);
      at += 4;
    } else if ((key & 7) === 2) {
      const length = Number(varint());
      value = bytes.subarray(at, at + length);
      at += length;
    } else throw new Error(`wire type ${key & 7}`);
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  expect(at).toBe(bytes.length);
  return fields;
}

interface ReadEvent {
  wallTime: number;
  step: number;
  version?: string;
  values: {
    tag: string;
    scalar?: number;
    image?: { height: number; width: number; channels: number; png: number[] };
  }[];
}

const text = (bytes: unknown) => new TextDecoder().decode(bytes as Uint8Array);

function readEvents(path: string): ReadEvent[] {
  const file = new Uint8Array(readFileSync(path));
  const view = new DataView(file.buffer);
  const events: ReadEvent[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(bitwiseMaskedCrc(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(bitwiseMaskedCrc(data));
    at += 16 + length;
    const event = parseMessage(data);
    const summary = event.get(5)?.[0];
    const values = summary === undefined ? [] : (parseMessage(summary as Uint8Array).get(1) ?? []);
    events.push({
      wallTime: event.get(1)?.[0] as number,
      step: Number(event.get(2)?.[0]),
      ...(event.has(3) ? { version: text(event.get(3)?.[0]) } : {}),
      values: values.map((bytes) => {
        const value = parseMessage(bytes as Uint8Array);
        const image = value.has(4) ? parseMessage(value.get(4)?.[0] as Uint8Array) : undefined;
        return {
          tag: text(value.get(1)?.[0]),
          ...(value.has(2) ? { scalar: value.get(2)?.[0] as number } : {}),
          ...(image === undefined
            ? {}
            : {
                image: {
                  height: Number(image.get(1)?.[0]),
                  width: Number(image.get(2)?.[0]),
                  channels: Number(image.get(3)?.[0]),
                  png: Array.from(image.get(4)![0] as Uint8Array),
                },
              }),
        };
      }),
    });
  }
  return events;
}

const steps = (path: string) => readEvents(path).map((event) => event.step);

async function written(upTo: number): Promise<string> {
  const writer = await EventWriter.open(folder);
  for (let step = 1; step <= upTo; step++) writer.scalars(step, 1000 + step, { loss: step / 2 });
  await writer.close();
  return writer.path;
}

describe("what TensorBoard reads", () => {
  test("a version first, then tags and values with sound checksums", async () => {
    const writer = await EventWriter.open(join(folder, "deep", "er"));
    writer.scalars(5_000_000_000, 1_700_000_000.25, { "loss/d": 0.1, größe: Number.NaN, p: -0 });
    writer.image(7, "samples", Uint8Array.of(137, 80, 78, 71), 300, 200, 3);
    await writer.flush();
    writer.scalars(0, 0, {});
    await writer.close();
    expect(writer.path).toMatch(/events\.out\.tfevents\.\d{10,}\.ganglion$/);
    const [version, scalars, image, empty, ...rest] = readEvents(writer.path);
    expect(rest).toEqual([]);
    expect(version!.version).toBe("brain.Event:2");
    expect(scalars).toEqual({
      wallTime: 1_700_000_000.25,
      step: 5_000_000_000,
      values: [
        { tag: "loss/d", scalar: Math.fround(0.1) },
        { tag: "größe", scalar: Number.NaN },
        { tag: "p", scalar: -0 },
      ],
    });
    expect(image!.step).toBe(7);
    expect(Math.abs(image!.wallTime - Date.now() / 1000)).toBeLessThan(60);
    expect(image!.values).toEqual([
      { tag: "samples", image: { height: 200, width: 300, channels: 3, png: [137, 80, 78, 71] } },
    ]);
    expect(empty!.values).toEqual([]);
  });
});

describe("after a kill", () => {
  test("a torn last record is cut off, wherever it tore, and writing goes on in the same file", async () => {
    const path = await written(3);
    const whole = readFileSync(path);
    const two = await (async () => {
      rmSync(path);
      return readFileSync(await written(2)).length;
    })();
    for (let length = two; length < whole.length; length++) {
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      writeFileSync(path, whole);
      truncateSync(path, length);
      const writer = await EventWriter.open(folder);
      expect(writer.path).toBe(path);
      writer.scalars(9, 9, { loss: 9 });
      await writer.close();
      expect(steps(path)).toEqual([0, 1, 2, 9]);
    }
  });

  test("garbage after the last record and a flipped bit are cut off too", async () => {
    const path = await written(3);
    appendFileSync(path, new Uint8Array(100).fill(255));
    await (await EventWriter.open(folder)).close();
    expect(steps(path)).toEqual([0, 1, 2, 3]);
    const bytes = readFileSync(path);
    bytes[bytes.length - 8]! ^= 1;
    writeFileSync(path, bytes);
    await (await EventWriter.open(folder)).close();
    expect(steps(path)).toEqual([0, 1, 2]);
  });

  test("an emptied file begins anew with its version", async () => {
    const path = await written(1);
    truncateSync(path, 3);
    await (await EventWriter.open(folder)).close();
    expect(readEvents(path).map((event) => event.version)).toEqual(["brain.Event:2"]);
  });

  test("events after the step resumed from are removed", async () => {
    const path = await written(6);
    const writer = await EventWriter.open(folder, { step: 4 });
    writer.scalars(5, 5, { loss: 50 });
    await writer.close();
    expect(steps(path)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(readEvents(path).at(-1)?.values).toEqual([{ tag: "loss", scalar: 50 }]);
  });
});

test("files of others are left alone, and a folder that cannot be is an error of ours", async () => {
  const other = join(folder, "events.out.tfevents.1.host");
  writeFileSync(other, "not ours");
  await written(1);
  expect(readFileSync(other, "utf8")).toBe("not ours");
  await expect(EventWriter.open(join(other, "below"))).rejects.toBeInstanceOf(GanglionError);
});
