import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { lockRun } from "./run-lock.ts";

test("one process at a time trains a run; a released run is free", async () => {
  const folder = await temporaryFolder();
  const release = await lockRun(folder);
  expect(await failure(lockRun(folder))).toMatchObject({
    code: "run",
    message: expect.stringContaining(`${folder} is being trained by process ${process.pid}`),
  });
  await release();
  expect(existsSync(join(folder, ".lock"))).toBe(false);
  await (await lockRun(folder))();
});

test.each([
  ["a process that is gone", () => ({ pid: spawnSync("true").pid, host: hostname(), started: "1" })],
  ["an earlier process of the same number", () => ({ pid: process.pid, host: hostname(), started: "1" })],
  ["a process that was killed while it wrote", () => null],
])("the mark of %s does not count", async (_, holder) => {
  const folder = await temporaryFolder();
  const mark = holder();
  await writeFile(join(folder, ".lock"), mark === null ? '{"pid":' : JSON.stringify(mark));
  const release = await lockRun(folder);
  expect(JSON.parse(await readFile(join(folder, ".lock"), "utf8")).pid).toBe(process.pid);
  await release();
});

test("of another machine the mark counts, and the error says what to delete", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, ".lock"), JSON.stringify({ pid: 1, host: "elsewhere", started: "1" }));
  const { message } = await failure(lockRun(folder));
  expect(message).toContain("process 1 on elsewhere");
  expect(message).toContain(`delete ${join(folder, ".lock")}`);
});
