import fc from "fast-check";
import { expect, test } from "vitest";
import { GanglionError } from "../../core/errors.ts";
import { npyBytes } from "../testing/fixtures.ts";
import { npyNumbers, npyText } from "./npy.ts";
import { parseNpy } from "./testing/parse-npy.ts";

const values = (bytes: Uint8Array) => {
  const array = parseNpy(bytes, "a");
  const at = npyNumbers(array);
  return Array.from({ length: array.header.count }, (_, i) => at(i));
};

test("every number type reads its values, in both byte orders", () => {
  expect(values(npyBytes("|u1", [3], Uint8Array.of(0, 7, 255)))).toEqual([0, 7, 255]);
  expect(values(npyBytes("|b1", [2], Uint8Array.of(0, 1)))).toEqual([0, 1]);
  expect(values(npyBytes("<i2", [2], Int16Array.of(-5, 300)))).toEqual([-5, 300]);
  expect(values(npyBytes(">u2", [1], Uint8Array.of(1, 2)))).toEqual([258]);
  expect(values(npyBytes("<i8", [2], BigInt64Array.of(-1n, 2n ** 40n)))).toEqual([-1, 2 ** 40]);
  expect(values(npyBytes("<f4", [2], Float32Array.of(0.5, -2)))).toEqual([0.5, -2]);
  expect(values(npyBytes("<f8", [2], Float64Array.of(0.1, Number.NaN)))).toEqual([0.1, Number.NaN]);
  // 1, -2, smallest subnormal, infinity in IEEE 754 half precision
  expect(values(npyBytes("<f2", [4], Uint16Array.of(0x3c00, 0xc000, 1, 0x7c00)))).toEqual([1, -2, 2 ** -24, Infinity]);
});

test("Fortran order is put in C order", () => {
  // a[i][j][k] = 100 i + 10 j + k of shape (2, 3, 2), first index fastest
  const elements: number[] = [];
  for (let k = 0; k < 2; k++)
    for (let j = 0; j < 3; j++) for (let i = 0; i < 2; i++) elements.push(100 * i + 10 * j + k);
  const bytes = npyBytes("<u2", [2, 3, 2], Uint16Array.from(elements), true);
  expect(values(bytes)).toEqual([0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121]);
});

test("text arrays lose their padding only", () => {
  const wide = parseNpy(npyBytes("<U3", [2], Uint32Array.of(110, 118, 0, 233, 0, 0)), "a");
  expect([npyText(wide, 0, "a"), npyText(wide, 1, "a")]).toEqual(["nv", "é"]);
  const narrow = parseNpy(npyBytes("|S2", [2], Uint8Array.of(97, 98, 99, 0)), "a");
  expect([npyText(narrow, 0, "a"), npyText(narrow, 1, "a")]).toEqual(["ab", "c"]);
});

test.each([
  ["|O", "pickled Python objects, which are never loaded"],
  ["<c8", 'elements of type "<c8" are not read'],
  ["<M8", "are not read"],
])("elements of type %s are refused", (descr, said) => {
  expect(() => parseNpy(npyBytes(descr, [1], new Uint8Array(8)), "a")).toThrow(said);
});

test("wrong magic, a short header, short and long data are refused", () => {
  const good = npyBytes("|u1", [4], new Uint8Array(4));
  expect(() => parseNpy(new Uint8Array(20), "a")).toThrow("wrong first bytes");
  expect(() => parseNpy(good.subarray(0, 30), "a")).toThrow("cut short within its header");
  expect(() => parseNpy(good.subarray(0, good.length - 1), "a")).toThrow("3 bytes where its shape needs 4");
  expect(() => parseNpy(npyBytes("|u1", [3], new Uint8Array(4)), "a")).toThrow("4 bytes where its shape needs 3");
  expect(() => parseNpy(npyBytes("|u1", [2 ** 50, 2 ** 50], new Uint8Array(1)), "a")).toThrow("not believable");
});

test("3000 damaged arrays end in a value or a GanglionError", () => {
  const seeds = [
    npyBytes("|u1", [2, 3], new Uint8Array(6)),
    npyBytes("<f4", [3], Float32Array.of(1, 2, 3), true),
    npyBytes("<U3", [2], new Uint32Array(6)),
  ];
  const change = fc.record({ at: fc.nat(140), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.constantFrom(...seeds), fc.array(change, { maxLength: 6 }), fc.nat(200), (seed, changes, cut) => {
      const bytes = seed.slice(0, Math.max(0, cut > 150 ? seed.length : cut));
      for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
      try {
        const array = parseNpy(bytes, "a");
        for (let i = 0; i < array.header.count; i++) {
          if (array.header.kind === "U" || array.header.kind === "S") npyText(array, i, "a");
          else npyNumbers(array)(i);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(GanglionError);
      }
    }),
    { numRuns: 3000 },
  );
});
