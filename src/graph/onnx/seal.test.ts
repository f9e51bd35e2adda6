import fc from "fast-check";
import { expect, test } from "vitest";
import { input, mul } from "../ops.ts";
import { emitOnnx } from "./lower.ts";
import { readOnnx } from "./read.ts";
import { isIntact, sealOnnx } from "./seal.ts";

const model = emitOnnx({ y: mul(input("x", [3]), 2) }, { metadata: { format: "test" } });
const sealed = sealOnnx(model);

test("a sealed model reads as before, with the seal among its metadata", () => {
  const { metadata, ...rest } = readOnnx(sealed);
  expect({ ...rest, metadata: { format: metadata.format } }).toEqual(readOnnx(model));
  expect(metadata.sha256_of_all_before).toMatch(/^[0-9a-f]{64}$/);
});

test("any changed bit, lost end or added byte shows", () => {
  expect(isIntact(sealed)).toBe(true);
  fc.assert(
    fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
      const changed = Uint8Array.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(isIntact(changed)).toBe(false);
    }),
    { numRuns: 300, seed: 1 },
  );
  expect(isIntact(sealed.subarray(0, -1))).toBe(false);
  expect(isIntact(Buffer.concat([sealed, Uint8Array.of(0)]))).toBe(false);
  expect(isIntact(model)).toBe(false);
  expect(isIntact(new Uint8Array())).toBe(false);
});
