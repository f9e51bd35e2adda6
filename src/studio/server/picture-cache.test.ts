import { expect, test } from "vitest";
import { PictureCache } from "./picture-cache.ts";

test("keeps what was used last, within its limit, and makes anew what it dropped", async () => {
  const made: string[] = [];
  const cache = new PictureCache(25);
  const get = (key: string, length = 10) =>
    cache.get(key, async () => {
      made.push(key);
      return new Uint8Array(length);
    });
  await get("a");
  await get("b");
  await get("a");
  await get("c");
  expect(made).toEqual(["a", "b", "c"]);
  await get("a");
  expect(made).toEqual(["a", "b", "c"]);
  await get("b");
  expect(made).toEqual(["a", "b", "c", "b"]);
  expect(cache.bytes).toBeLessThanOrEqual(25);
  await get("huge", 26);
  await get("huge", 26);
  expect(made.slice(4)).toEqual(["huge", "huge"]);
  await Promise.all([get("d"), get("d")]);
  expect(cache.bytes).toBeLessThanOrEqual(25);
});

test("makes what is asked for several times at once only once, and anew after it failed", async () => {
  const cache = new PictureCache(25);
  let made = 0;
  const make = async () => {
    made++;
    await new Promise(setImmediate);
    if (made === 1) throw new Error("broken");
    return new Uint8Array(made);
  };
  const first = await Promise.allSettled([cache.get("a", make), cache.get("a", make), cache.get("a", make)]);
  expect(first.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(made).toBe(1);
  const second = await Promise.all([cache.get("a", make), cache.get("a", make)]);
  expect(second.map(({ length }) => length)).toEqual([2, 2]);
  expect(made).toBe(2);
});
