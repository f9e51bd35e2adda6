import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../core/testing/fixtures.ts";
import { planConvolutions } from "./plan-cache.ts";
import { stepGraphs } from "./step-graphs.ts";
import { testConfig } from "./testing/config.ts";

const folder = await temporaryFolder();
const before = process.env.GANGLION_CACHE;
beforeAll(() => {
  process.env.GANGLION_CACHE = join(folder, "cache");
});
afterAll(() => {
  if (before === undefined) delete process.env.GANGLION_CACHE;
  else process.env.GANGLION_CACHE = before;
});

const config = testConfig();
const graphs = stepGraphs(config).slice(0, 1);

test("convolutions are timed once on a machine; a damaged cache or a folder that cannot be written costs time alone", async () => {
  let timed = 0;
  const plan = () =>
    planConvolutions(graphs, 1, ({ done }) => {
      if (done > 0) timed++;
    });
  const first = await plan();
  const shapes = timed;
  expect(shapes).toBeGreaterThan(5);
  expect(Object.values(first)).not.toContain("usual");
  expect(await plan()).toEqual(first);
  expect(timed).toBe(shapes);

  const [name] = await readdir(join(folder, "cache"));
  const path = join(folder, "cache", name!);
  const stored = JSON.parse(await readFile(path, "utf8"));
  expect(Object.keys(stored).length).toBe(shapes);
  expect(stored).toMatchObject(first);
  await writeFile(path, "{");
  await plan();
  expect(timed).toBe(2 * shapes);
  expect(Object.keys(JSON.parse(await readFile(path, "utf8"))).length).toBe(shapes);

  await writeFile(join(folder, "file"), "");
  process.env.GANGLION_CACHE = join(folder, "file", "cache");
  await plan();
  expect(timed).toBe(3 * shapes);
});
