import { expect, test } from "vitest";
import { processor } from "../core/processor.ts";
import { chooseThreads, countsUpTo, countThatGains, likelyThreads } from "./choose-threads.ts";
import { testConfig } from "./testing/config.ts";

test("counts double up to all physical cores", () => {
  expect(countsUpTo(1)).toEqual([1]);
  expect(countsUpTo(2)).toEqual([1, 2]);
  expect(countsUpTo(6)).toEqual([1, 2, 4, 6]);
  expect(countsUpTo(16)).toEqual([1, 2, 4, 8, 16]);
});

test("more threads are taken as long as a step gains a tenth, and no more are tried then", async () => {
  const times: Record<number, number> = { 1: 10, 2: 6, 4: 5, 8: 4.9, 16: 1 };
  const asked: number[] = [];
  const found = await countThatGains([1, 2, 4, 8, 16], async (count) => {
    asked.push(count);
    return times[count]!;
  });
  expect(found).toEqual({ threads: 4, seconds: { 1: 10, 2: 6, 4: 5, 8: 4.9 } });
  expect(asked).toEqual([1, 2, 4, 8]);
  expect((await countThatGains([1, 2], async () => 1)).threads).toBe(1);
});

test("the choice is said in one line, lies within the cores and is what the next run takes", async () => {
  const notes: string[] = [];
  const config = testConfig();
  const threads = await chooseThreads(config, { onNote: (line) => notes.push(line) });
  const { cores } = processor();
  expect(countsUpTo(cores)).toContain(threads);
  const said = notes.filter((line) => line.startsWith("training with"));
  expect(said).toEqual([expect.stringMatching(/^training with \d+ threads?: .*; --threads N takes another number$/)]);
  expect(await likelyThreads(config)).toBe(threads);
});
