import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { openScratchFolder } from "./scratch-folder.ts";

let store: string;
beforeEach(async () => {
  store = await temporaryFolder();
});
const names = () => readdirSync(join(store, "scratch"));
const deadPid = () => spawnSync(process.execPath, ["-e", ""]).pid;

test("what a job left is there when it is done anew, and gone when it is done", async () => {
  const first = await openScratchFolder(store, "job");
  expect(readdirSync(first.folder)).toEqual([]);
  writeFileSync(join(first.folder, "checkpoint"), "7");
  await first.release();
  const second = await openScratchFolder(store, "job");
  expect(readFileSync(join(second.folder, "checkpoint"), "utf8")).toBe("7");
  await second.remove();
  await second.release();
  expect(names()).toEqual([]);
});

test("while one works, another gets a folder of its own, which nobody inherits", async () => {
  const first = await openScratchFolder(store, "job");
  writeFileSync(join(first.folder, "checkpoint"), "7");
  const other = await openScratchFolder(store, "job");
  expect(readdirSync(other.folder)).toEqual([]);
  const unrelated = await openScratchFolder(store, "job2");
  expect(readdirSync(unrelated.folder)).toEqual([]);
  await other.release();
  expect(existsSync(other.folder)).toBe(false);
  await unrelated.remove();
  await first.release();
  expect(names()).toEqual(["job"]);
});

test("of a process that died it is taken over at once, and by one only", async () => {
  const first = await openScratchFolder(store, "job");
  writeFileSync(join(first.folder, "checkpoint"), "7");
  const [name] = names();
  renameSync(join(store, "scratch", name), join(store, "scratch", name.replace(`.${process.pid}.`, `.${deadPid()}.`)));
  const next = await Promise.all([1, 2, 3].map(() => openScratchFolder(store, "job")));
  expect(next.filter(({ folder }) => existsSync(join(folder, "checkpoint")))).toHaveLength(1);
  // The one that was thought dead loses nothing of others.
  await first.release();
  await Promise.all(next.map((scratch) => scratch.remove()));
  expect(names()).toEqual([]);
});

test("of another machine it is taken over once nothing was heard of it for a while", async () => {
  const first = await openScratchFolder(store, "job");
  writeFileSync(join(first.folder, "checkpoint"), "7");
  const [name] = names();
  const elsewhere = join(store, "scratch", name.replace(/^job\.\w+\./, "job.elsewhere."));
  renameSync(join(store, "scratch", name), elsewhere);
  const early = await openScratchFolder(store, "job");
  expect(readdirSync(early.folder)).toEqual([]);
  const past = Date.now() / 1000 - 21;
  utimesSync(join(elsewhere, "alive"), past, past);
  const late = await openScratchFolder(store, "job");
  expect(readdirSync(late.folder)).toEqual(["checkpoint"]);
  await Promise.all([first.release(), early.release(), late.remove()]);
  expect(names()).toEqual([]);
});
