import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { physicalCores, processor, vectorsOf } from "./processor.ts";

const block = (n: number, physical: number, core: number) =>
  `processor\t: ${n}\nphysical id\t: ${physical}\ncore id\t\t: ${core}\nflags\t\t: fpu sse4_2 avx fma avx2 ht\n`;

test("two threads of a core count once, equal numbers of two sockets twice", () => {
  const info = [block(0, 0, 0), block(1, 0, 1), block(2, 0, 0), block(3, 0, 1), block(4, 1, 0)].join("\n");
  expect(physicalCores(info)).toBe(3);
  expect(physicalCores("processor : 0\nBogoMIPS : 50.00\n")).toBeNull();
});

test("instruction sets are those that the system names", () => {
  expect(vectorsOf(block(0, 0, 0))).toEqual(["sse4_2", "avx", "fma", "avx2"]);
  expect(vectorsOf("Features\t: fp asimd crc32\n")).toEqual(["asimd"]);
  expect(vectorsOf("")).toBeNull();
});

test("this machine has between one core and all that it may use", () => {
  const { cores, logical } = processor();
  expect(cores).toBeGreaterThanOrEqual(1);
  expect(cores).toBeLessThanOrEqual(Math.min(logical, availableParallelism()));
});
