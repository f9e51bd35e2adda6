import { expect, test } from "vitest";
import { DecodeGate } from "./decode-gate.ts";

const MIB = 2 ** 20;
const limits = { small: { bytes: 60 * MIB, decodes: 2 }, large: { bytes: 500 * MIB, decodes: 3 } };

/** Work of given sizes through a gate: what runs at once, and in which order it began. */
function running() {
  const gate = new DecodeGate(limits);
  const at = { bytes: 0, mostBytes: 0, decodes: 0, mostDecodes: 0 };
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const start = (name: string, mib: number) =>
    gate.run(mib * MIB, async () => {
      begun.push(name);
      at.bytes += mib;
      at.decodes++;
      at.mostBytes = Math.max(at.mostBytes, at.bytes);
      at.mostDecodes = Math.max(at.mostDecodes, at.decodes);
      await new Promise<void>((end) => ends.set(name, end));
      at.bytes -= mib;
      at.decodes--;
    });
  const settle = () => new Promise(setImmediate);
  const end = async (name: string) => {
    ends.get(name)?.();
    await settle();
  };
  return { start, end, settle, begun, at };
}

test("large pictures share a budget of bytes, in the order in which they came", async () => {
  const { start, end, settle, begun, at } = running();
  const all = ["a", "b", "c", "d"].map((name) => start(name, 240));
  await settle();
  expect(begun).toEqual(["a", "b"]);
  await end("b");
  expect(begun).toEqual(["a", "b", "c"]);
  for (const name of ["a", "c", "d"]) await end(name);
  await Promise.all(all);
  expect(at.mostBytes).toBe(480);
});

test("small pictures do not wait for large ones", async () => {
  const { start, end, settle, begun } = running();
  const all = Array.from({ length: 20 }, (_, i) => start(`large ${i}`, 300));
  all.push(start("small", 1));
  await settle();
  expect(begun).toEqual(["large 0", "small"]);
  await end("small");
  for (let i = 0; i < 20; i++) await end(`large ${i}`);
  await Promise.all(all);
});

test("one that is larger than the budget is decoded, alone", async () => {
  const { start, end, settle, begun } = running();
  const all = [start("a", 100), start("huge", 900), start("b", 100)];
  await settle();
  expect(begun).toEqual(["a"]);
  await end("a");
  expect(begun).toEqual(["a", "huge"]);
  await end("huge");
  expect(begun).toEqual(["a", "huge", "b"]);
  await end("b");
  await Promise.all(all);
});

test("many that announce nothing are still few at once, and one that fails makes room", async () => {
  const { start, end, settle, at } = running();
  const all = ["a", "b", "c"].map((name) => start(name, 0));
  await settle();
  expect(at.mostDecodes).toBe(2);
  for (const name of ["a", "b", "c"]) await end(name);
  await Promise.all(all);
  const gate = new DecodeGate({ ...limits, small: { bytes: 1, decodes: 1 } });
  await expect(gate.run(0, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await gate.run(0, async () => "next")).toBe("next");
});
