import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { openScratchFolder, removeScratchOf } from "./scratch-folder.ts";

let store: string;
beforeEach(async () => {
  store = await temporaryFolder();
});
const names = () => readdirSync(join(store, "scratch"));
const deadPid = () => spawnSync(process.execPath, ["-e", ""]).pid;

test("what a job left is there when it is done anew, and gone when it is done", () => {
  const first = openScratchFolder(store, "job");
  expect(readdirSync(first.folder)).toEqual([]);
  writeFileSync(join(first.folder, "checkpoint"), "7");
  first.release();
  const second = openScratchFolder(store, "job");
  expect(readFileSync(join(second.folder, "checkpoint"), "utf8")).toBe("7");
  second.remove();
  second.release();
  expect(names()).toEqual([]);
});

test("while one works, another gets a folder of its own, which nobody inherits", () => {
  const first = openScratchFolder(store, "job");
  writeFileSync(join(first.folder, "checkpoint"), "7");
  const other = openScratchFolder(store, "job");
  expect(readdirSync(other.folder)).toEqual([]);
  const unrelated = openScratchFolder(store, "job2");
  expect(readdirSync(unrelated.folder)).toEqual([]);
  other.release();
  expect(existsSync(other.folder)).toBe(false);
  unrelated.remove();
  first.release();
  expect(names()).toEqual(["job"]);
});

test("of a process that died it is taken over at once, and by one only", () => {
  const first = openScratchFolder(store, "job");
  writeFileSync(join(first.folder, "checkpoint"), "7");
  const [name] = names();
  renameSync(join(store, "scratch", name!), join(store, "scratch", name!.replace(/\.\d+(-\d+)?\./, `.${deadPid()}.`)));
  const next = [1, 2, 3].map(() => openScratchFolder(store, "job"));
  expect(next.filter(({ folder }) => existsSync(join(folder, "checkpoint")))).toHaveLength(1);
  // The one that was thought dead loses nothing of others.
  first.release();
  for (const scratch of next) scratch.remove();
  expect(names()).toEqual([]);
});

test("of a job that is done nothing stays, unless somebody still works in it", () => {
  openScratchFolder(store, "done").release();
  openScratchFolder(store, "waiting").release();
  const dead = openScratchFolder(store, "dead");
  const own = join(store, "scratch", names().find((name) => name.startsWith("dead."))!);
  renameSync(own, own.replace(`.${process.pid}-`, `.${deadPid()}-`));
  const live = openScratchFolder(store, "live");
  removeScratchOf(store, new Set(["done", "dead", "live"]));
  expect(names().map((name) => name.split(".")[0])).toEqual(["live", "waiting"]);
  live.remove();
  dead.release();
  removeScratchOf(join(store, "nothing"), new Set(["done"]));
});

test("of another machine it is taken over once nothing was heard of it for a while", () => {
  const first = openScratchFolder(store, "job");
  writeFileSync(join(first.folder, "checkpoint"), "7");
  const [name] = names();
  const elsewhere = join(store, "scratch", name!.replace(/^job\.\w+\./, "job.elsewhere."));
  renameSync(join(store, "scratch", name!), elsewhere);
  const early = openScratchFolder(store, "job");
  expect(readdirSync(early.folder)).toEqual([]);
  const past = Date.now() / 1000 - 21;
  utimesSync(join(elsewhere, "alive"), past, past);
  const late = openScratchFolder(store, "job");
  expect(readdirSync(late.folder)).toEqual(["checkpoint"]);
  first.release();
  early.release();
  late.remove();
  expect(names()).toEqual([]);
});
