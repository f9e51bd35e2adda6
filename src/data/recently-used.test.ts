import { expect, it } from "vitest";
import { RecentlyUsed } from "./recently-used.ts";

it("keeps what was asked for last, makes the rest again", () => {
  const kept = new RecentlyUsed<{ readonly made: number }>(2);
  let made = 0;
  const get = (key: number) => kept.get(key, () => ({ made: made++ })).made;
  // 3 takes the place of 2, which was asked for before 1 was again.
  expect([1, 2, 1, 3, 1, 2, 3].map(get)).toEqual([0, 1, 0, 2, 0, 3, 4]);
});
