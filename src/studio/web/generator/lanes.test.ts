import { expect, test } from "vitest";
import { openLanes } from "./lanes.ts";

/** Lanes whose computations end when the test says so. */
function lanesOf() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const lanes = openLanes<string, string>("first", (request) => {
    begun.push(request);
    return new Promise((resolve, reject) =>
      ends.push(() => (request === "bad" ? reject(new Error("bad")) : resolve(request.toUpperCase()))),
    );
  });
  /** Ends the computation that runs, and lets the next begin. */
  const end = async () => {
    ends.shift()!();
    for (let i = 0; i < 5; i++) await null;
  };
  return { lanes, begun, end };
}

test("one at a time, and of those that wait only the newest", async () => {
  const { lanes, begun, end } = lanesOf();
  const results = ["a", "b", "c", "d"].map((request) => lanes.ask("first", request));
  expect(begun).toEqual(["a"]);
  await end();
  expect(begun).toEqual(["a", "d"]);
  await end();
  expect(await Promise.all(results)).toEqual(["A", null, null, "D"]);
});

test("the first lane goes before the others, these in order", async () => {
  const { lanes, begun, end } = lanesOf();
  const seeds = [lanes.ask("seed 1", "s1"), lanes.ask("seed 2", "s2"), lanes.ask("seed 3", "s3")];
  const picture = lanes.ask("first", "p");
  for (let i = 0; i < 4; i++) await end();
  expect(begun).toEqual(["s1", "p", "s2", "s3"]);
  expect(await picture).toBe("P");
  expect(await Promise.all(seeds)).toEqual(["S1", "S2", "S3"]);
});

test("what waits in other lanes can be given up", async () => {
  const { lanes, begun, end } = lanesOf();
  const picture = lanes.ask("first", "p");
  const next = lanes.ask("first", "q");
  const seed = lanes.ask("seed 1", "s1");
  lanes.clearOthers();
  expect(await seed).toBeNull();
  await end();
  await end();
  expect(begun).toEqual(["p", "q"]);
  expect([await picture, await next]).toEqual(["P", "Q"]);
});

test("a failure is its own request's; the next one is computed", async () => {
  const { lanes, end } = lanesOf();
  const bad = lanes.ask("first", "bad").catch((error: Error) => error.message);
  const good = lanes.ask("first", "good");
  await end();
  await end();
  expect([await bad, await good]).toEqual(["bad", "GOOD"]);
});
