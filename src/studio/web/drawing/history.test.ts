import { expect, test } from "vitest";
import { pushed, redone, startHistory, undone } from "./history.ts";

test("undo and redo walk through the states", () => {
  const three = pushed(pushed(startHistory("a"), "b"), "c");
  const back = undone(undone(three));
  expect(back.present).toBe("a");
  expect(redone(back).present).toBe("b");
  expect(redone(redone(redone(back)))).toEqual(three);
});

test("at the ends nothing happens", () => {
  const one = startHistory("a");
  expect(undone(one)).toBe(one);
  expect(redone(one)).toBe(one);
});

test("a new step forgets what was undone; the same state is no step", () => {
  const back = undone(pushed(startHistory("a"), "b"));
  expect(redone(pushed(back, "c")).present).toBe("c");
  expect(pushed(back, "a")).toBe(back);
});

test("the oldest states are forgotten", () => {
  let history = startHistory(0);
  for (let i = 1; i <= 300; i++) history = pushed(history, i);
  expect(history.past).toHaveLength(200);
  expect(history.past[0]).toBe(100);
});
