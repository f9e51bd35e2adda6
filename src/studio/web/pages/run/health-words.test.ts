import { expect, test } from "vitest";
import { healthSigns } from "./health-words.ts";

const keysOf = (stats: Parameters<typeof healthSigns>[0]["stats"], state: "training" | "ended" = "training") =>
  healthSigns({ stats, state }).map(({ key }) => key);

test("before anything is measured it is said that it is early, and nothing of a run that has ended", () => {
  expect(keysOf([{ imagesSeen: 8, lossG: 1 }])).toEqual(["health.early"]);
  expect(keysOf([{ imagesSeen: 8, lossG: 1 }], "ended")).toEqual([]);
});

test("blur, the class that lags, and copies are named", () => {
  const line = { coverage: 0.3, "coverage/nevus": 0.4, "coverage/melanoma": 0.1, copies: 0.004 };
  expect(healthSigns({ stats: [line], state: "training" })).toEqual([
    { key: "health.recognisable", values: { percent: 30 }, tone: "good" },
    { key: "health.class", values: { name: "melanoma", percent: 10 }, tone: "bad" },
    { key: "health.copies", values: { percent: 1 }, tone: "bad" },
  ]);
  expect(keysOf([{ coverage: 0.1, copies: 0 }])).toEqual(["health.blur", "health.no-copies"]);
});

test("whether it still improves is told from two measurements on each side", () => {
  const distances = (...values: number[]) => keysOf(values.map((distance) => ({ distance })));
  expect(distances(9, 8, 7)).toEqual([]);
  expect(distances(9, 8, 7, 6)).toEqual(["health.improving"]);
  expect(distances(9, 8, 8.1, 8.8)).toEqual(["health.still"]);
  expect(distances(4, 4, 5, 6)).toEqual(["health.worse"]);
});
