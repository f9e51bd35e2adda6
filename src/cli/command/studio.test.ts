import { Command } from "commander";
import { expect, test } from "vitest";
import { silent } from "../../core/progress.ts";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { ask } from "../../studio/testing/request.ts";
import { writeWorkspace } from "../../studio/testing/workspace.ts";
import { parseOptions } from "../options.ts";
import { configure, run, options as schema } from "./studio.ts";

function options(...words: string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  configure(command);
  return parseOptions(schema, command.parse(words, { from: "user" }).opts());
}

test("says the URL where --quiet does not reach, serves until it is stopped, and only then has a result", async () => {
  const { work } = await writeWorkspace(await temporaryFolder());
  const stop = new AbortController();
  const lines: string[] = [];
  let said: (line: string) => void;
  const url = new Promise<string>((resolve) => {
    said = resolve;
  });
  const context = {
    seed: 0,
    version: "test",
    progress: silent,
    note: (line: string) => void lines.push(line),
    warn: (line: string) => said(line),
    signal: stop.signal,
  };
  let ended = false;
  const result = run([work], options("--port", "0"), context).finally(() => {
    ended = true;
  });
  const { port, searchParams, pathname } = new URL((await url).replace("studio: ", ""));
  expect(lines).toContain("opened 1 run and 2 datasets");
  const opened = await ask(Number(port), `${pathname}?token=${searchParams.get("token")}`);
  expect([opened.status, ended]).toEqual([302, false]);
  stop.abort();
  expect(await result).toMatchObject({ json: { host: "127.0.0.1", port: Number(port), runs: 1, datasets: 2 } });
  await expect(ask(Number(port), "/")).rejects.toThrow("ECONNREFUSED");
});

test("a host that others reach, and a port that is none, are refused", async () => {
  const context = {
    seed: 0,
    version: "test",
    progress: silent,
    note: () => undefined,
    warn: () => undefined,
    signal: AbortSignal.abort(),
  };
  const error = await failure(run(["."], options("--host", "0.0.0.0"), context));
  expect(error.exitCode).toBe(2);
  expect(() => options("--port", "65536")).toThrow("whole number from 0 to 65535");
});
