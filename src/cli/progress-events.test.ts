import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { temporaryFolder } from "../core/testing/fixtures.ts";
import type { CommandModule } from "./command.ts";
import type { CommandEntry } from "./commands.ts";
import { progressEvent } from "./progress-events.ts";
import { callProgram } from "./testing/call-program.ts";

/** Runs a command that does what it is given, with `--progress json`; stderr as its objects. */
async function call(run: CommandModule["run"], ...words: string[]) {
  const table: CommandEntry[] = [
    {
      name: "grow",
      summary: "grow",
      load: async () => ({
        configure: (command) => void command.argument("[OUT]").option("--out <DIR>", "folder"),
        run,
      }),
    },
  ];
  const { code, out, err } = await callProgram(["grow", "--progress", "json", ...words], table);
  const lines = err.split("\n");
  expect(lines.pop()).toBe("");
  return { code, out, events: lines.map((line) => progressEvent.parse(JSON.parse(line))) };
}

test("progress, notes and the end are one object a line", async () => {
  const out = join(await temporaryFolder(), "grown");
  const { code, events } = await call(
    async (_args, _options, { progress, note, warn }) => {
      progress({ stage: "decode", done: 0, total: 2, unit: "images" });
      progress({ stage: "decode", done: 2, total: 2, unit: "images", figures: { size: 32 } });
      progress({ stage: "train", done: 5, unit: "images", secondsLeft: 12.3456 });
      note("guessed\nthe label");
      warn("redis://:secret@queue:6379 is slow");
      await mkdir(out);
      return { json: {}, text: `grown\nNext:     ganglion inspect '${out}' --json` };
    },
    "--out",
    out,
  );
  expect([code, events]).toEqual([
    0,
    [
      { event: "progress", stage: "decode", done: 0, total: 2, unit: "images", rate: null, secondsLeft: null },
      expect.objectContaining({ stage: "decode", done: 2, secondsLeft: 0, figures: { size: 32 } }),
      { event: "progress", stage: "train", done: 5, total: null, unit: "images", rate: null, secondsLeft: 12.35 },
      { event: "note", message: "guessed\nthe label" },
      { event: "warning", message: expect.not.stringContaining("secret") },
      { event: "done", outputs: { out }, next: `ganglion inspect '${out}' --json` },
    ],
  ]);
});

test("an argument OUT is an output, and what is not there is none", async () => {
  const folder = await temporaryFolder();
  const idle: CommandModule["run"] = async () => ({ json: {}, text: "idle" });
  expect((await call(idle, folder)).events).toEqual([{ event: "done", outputs: { out: folder }, next: null }]);
  expect((await call(idle, join(folder, "none"))).events).toEqual([{ event: "done", outputs: {}, next: null }]);
});

test("a stage says no more than its first and last report within a moment; --quiet leaves warnings and the end", async () => {
  const busy: CommandModule["run"] = async (_args, _options, { progress, note, warn }) => {
    for (let done = 0; done <= 1000; done++) progress({ stage: "decode", done, total: 1000, unit: "images" });
    note("said");
    warn("warned");
    return { json: {}, text: "" };
  };
  const { events } = await call(busy);
  const reports = events.filter(({ event }) => event === "progress");
  expect(reports.length).toBeLessThan(10);
  expect([reports[0], reports.at(-1)]).toMatchObject([{ done: 0 }, { done: 1000 }]);
  expect((await call(busy, "--quiet")).events.map(({ event }) => event)).toEqual(["warning", "done"]);
});

test("an error is an event, also of a wrong command line and beside --json", async () => {
  const failing: CommandModule["run"] = async () => {
    throw new GanglionError("dataset", "a.png: broken; remove it");
  };
  const error = { event: "error", code: "dataset", message: "a.png: broken; remove it", problems: [] };
  expect(await call(failing)).toEqual({ code: 1, out: "", events: [error] });
  const both = await call(failing, "--json");
  expect(both.events).toEqual([error]);
  expect(JSON.parse(both.out).error.code).toBe("dataset");
  expect((await call(failing, "--nothing")).events).toMatchObject([{ event: "error", code: "usage" }]);
});

test("docs/progress.schema.json is the schema", async () => {
  expect(JSON.parse(await readFile("docs/progress.schema.json", "utf8"))).toEqual(
    JSON.parse(JSON.stringify(z.toJSONSchema(progressEvent))),
  );
});
