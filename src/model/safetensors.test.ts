import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GanglionError } from "../core/errors.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "./safetensors.ts";

const bits = (data: ArrayBufferView) => [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];

/** A file with any header text and data, whose header length is right. */
function fileOf(header: unknown, data = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

function refusal(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes, "run/a.safetensors");
  } catch (error) {
    expect(error).toBeInstanceOf(GanglionError);
    expect((error as GanglionError).code).toBe("checkpoint");
    expect((error as Error).message).toContain("run/a.safetensors");
    expect((error as Error).message).toContain("use another checkpoint");
    return (error as Error).message;
  }
  return "accepted";
}

const sample: Record<string, StoredTensor> = {
  "g.weight": { shape: [2, 3], data: Float32Array.of(1, -2, 3, 0.5, -0, Number.POSITIVE_INFINITY) },
  "g.bias": { shape: [0], data: new Float32Array(0) },
  step: { shape: [], data: Float64Array.of(12_345_678_901) },
  order: { shape: [3], data: Int32Array.of(-1, 2 ** 31 - 1, 7) },
  flags: { shape: [5], data: Uint8Array.of(0, 1, 2, 254, 255) },
};

describe("round trip", () => {
  test("keeps the bits of half precision, beside wider and narrower elements", () => {
    const halves = { shape: [3], data: Uint16Array.of(0x3c00, 0x8001, 0x7e01) };
    const { tensors } = decodeSafetensors(encodeSafetensors({ ...sample, halves }), "a");
    expect(tensors.halves).toEqual(halves);
    expect(tensors["g.weight"]).toEqual(sample["g.weight"]);
  });

  test("keeps every bit, NaN payloads too", () => {
    const payloads = new Float32Array(Uint32Array.of(0x7fc00001, 0xffc12345, 0x7f800001, 0x80000000).buffer);
    const file = encodeSafetensors({ ...sample, payloads: { shape: [2, 2], data: payloads } }, { note: "ä\n" });
    const { tensors, metadata } = decodeSafetensors(file, "x");
    expect(metadata).toEqual({ note: "ä\n" });
    expect(Object.keys(tensors).sort()).toEqual([...Object.keys(sample), "payloads"].sort());
    expect(bits(tensors.payloads!.data)).toEqual(bits(payloads));
    for (const [name, { shape, data }] of Object.entries(sample)) {
      expect(tensors[name]!.shape).toEqual(shape);
      expect(tensors[name]!.data.constructor).toBe(data.constructor);
      expect(bits(tensors[name]!.data)).toEqual(bits(data));
    }
  });

  test("holds for any tensors and names, from a Buffer at any offset, whatever the order", () => {
    const array = fc.oneof(
      fc.float32Array({ maxLength: 9 }),
      fc.float64Array({ maxLength: 9 }),
      fc.int32Array({ maxLength: 9 }),
      fc.uint8Array({ maxLength: 9 }),
    );
    const name = fc.string({ maxLength: 6, unit: "binary" });
    fc.assert(
      fc.property(fc.dictionary(name, array), fc.nat(7), (arrays, offset) => {
        const tensors = Object.fromEntries(
          Object.entries(arrays).map(([key, data]) => [key, { shape: [data.length], data }]),
        );
        const file = encodeSafetensors(tensors);
        const reversed = Object.fromEntries(Object.entries(tensors).reverse());
        expect(bits(encodeSafetensors(reversed))).toEqual(bits(file));
        const shifted = Buffer.alloc(offset + file.length);
        shifted.set(file, offset);
        const back = decodeSafetensors(shifted.subarray(offset), "x").tensors;
        shifted.fill(0);
        expect(Object.keys(back).sort()).toEqual(Object.keys(tensors).sort());
        for (const key of Object.keys(tensors)) expect(bits(back[key]!.data)).toEqual(bits(tensors[key]!.data));
      }),
    );
  });

  test("header and every tensor lie at a multiple of their element size", () => {
    const file = encodeSafetensors(sample);
    const headerBytes = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(headerBytes % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes)));
    expect(Object.keys(header)).toHaveLength(6);
    const size: Record<string, number> = { F64: 8, F32: 4, I32: 4, U8: 1 };
    for (const [name, { dtype, data_offsets }] of Object.entries<{ dtype: string; data_offsets: number[] }>(header))
      if (name !== "__metadata__") expect(data_offsets[0]! % size[dtype]!).toBe(0);
  });

  test("reads a file of another writer, without checksum", () => {
    const header = { w: { dtype: "F32", shape: [1], data_offsets: [0, 4] } };
    const { tensors } = decodeSafetensors(fileOf(header, Uint8Array.of(0, 0, 128, 63)), "x");
    expect([...tensors.w!.data]).toEqual([1]);
  });
});

describe("damage is named", () => {
  const entry = (shape: unknown, data_offsets: unknown, dtype: unknown = "U8") => ({ dtype, shape, data_offsets });
  const four = new Uint8Array(4);
  test.each([
    ["an empty file", new Uint8Array(0), "at least 8 bytes"],
    ["a cut header", encodeSafetensors(sample).subarray(0, 40), "the file ends at 40"],
    ["cut data", encodeSafetensors(sample).slice(0, -3), "the data at"],
    ["an absurd header length", new Uint8Array(16).fill(255), "over the limit"],
    ["no JSON", fileOf("{"), "not JSON"],
    ["no UTF-8", new Uint8Array([...fileOf('"x"').subarray(0, 8), 34, 255, 34]), "not JSON"],
    ["no object", fileOf("[]"), "not a JSON object"],
    ["another dtype", fileOf({ a: entry([1], [0, 2], "BF16") }, four), 'dtype "BF16" is none of'],
    ["an inherited dtype", fileOf({ a: entry([1], [0, 2], "toString") }, four), "is none of"],
    ["a negative size", fileOf({ a: entry([-1], [0, 4]) }, four), "not a list of whole numbers"],
    ["a huge shape", fileOf({ a: entry([2 ** 40, 2 ** 40], [0, 4]) }, four), "not a list of whole numbers"],
    ["too few bytes", fileOf({ a: entry([4], [0, 4], "F32") }, four), "takes 16 bytes, data_offsets give 4"],
    ["odd offsets", fileOf({ a: entry([4], [0, 4.5]) }, four), "not two whole numbers"],
    ["a hole", fileOf({ a: entry([2], [2, 4]) }, four), "begins at byte 2, the tensor before ends at 0"],
    ["an overlap", fileOf({ a: entry([3], [0, 3]), b: entry([2], [2, 4]) }, four), "begins at byte 2"],
    ["spare data", fileOf({ a: entry([3], [0, 3]) }, four), "end at byte 3, the data at 4"],
    ["an unknown key", fileOf({ a: { ...entry([4], [0, 4]), scale: 2 } }, four), 'unknown key "scale"'],
    ["metadata of numbers", fileOf({ __metadata__: { n: 1 } }), "not an object of strings"],
  ])("%s", (_, bytes, said) => {
    expect(refusal(bytes)).toContain(said);
  });

  test("all findings at once", () => {
    const said = refusal(fileOf({ a: entry([1], [0, 1], "BF16"), b: entry("x", [0, 1]), c: 3 }, four));
    expect(said).toContain("3 problems");
  });

  test("one flipped bit anywhere in header or data is refused", () => {
    const file = encodeSafetensors(sample, { kind: "checkpoint" });
    const key = new TextDecoder("latin1").decode(file).indexOf("ganglion.sha256");
    let refused = 0;
    for (let at = 0; at < file.length; at++) {
      // Damage to the name of the checksum turns the file into one without; padding carries no meaning.
      if (at >= key && at < key + "ganglion.sha256".length) continue;
      const flipped = file.slice();
      flipped[at]! ^= 1 << (at % 8);
      if (refusal(flipped) !== "accepted") refused++;
      else expect(file[at]).toBe(0x20);
    }
    expect(refused).toBeGreaterThan(file.length - 8 - "ganglion.sha256".length - 1);
  });

  test("thousands of damaged files give an error of ours or a valid file, never a crash", () => {
    const base = encodeSafetensors(sample, { kind: "checkpoint" });
    const change = fc.record({ at: fc.nat(base.length - 1), byte: fc.nat(255) });
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(base.length), (changes, cut) => {
        const bytes = base.slice();
        for (const { at, byte } of changes) bytes[at] = byte;
        if (refusal(cut % 3 === 0 ? bytes.subarray(0, cut) : bytes) === "accepted") accepted++;
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.json(), fc.uint8Array({ maxLength: 20 }), (header, data) => void refusal(fileOf(header, data))),
      { numRuns: 1000 },
    );
    expect(accepted).toBeLessThan(1000);
  });
});

test("our own mistakes are internal errors", () => {
  const wrong = { shape: [2], data: new Float32Array(3) };
  expect(() => encodeSafetensors({ wrong })).toThrow("internal: tensor wrong [2] has 3 elements");
  expect(() => encodeSafetensors({ __metadata__: wrong })).toThrow("internal");
});
