import { expect, test } from "vitest";
import { freePort } from "../../core/testing/free-port.ts";
import { callProgram } from "../testing/call-program.ts";
import { type Check, checkNode } from "./checks.ts";

test("doctor names what it looked at, and a remedy beside everything that is not there", async () => {
  const port = await freePort();
  const { code, out } = await callProgram(["doctor", "--json", "--queue", `redis://:secret@127.0.0.1:${port}`]);
  const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: Check[] };
  expect([code, ok]).toEqual([0, false]);
  expect(checks.map(({ name }) => name)).toEqual([
    ...["Ganglion", "Node", "ONNX Runtime", "processor", "instruction sets", "GPU through WebGPU", "memory", "disk"],
    ...["this folder", "temporary folder", "cache", "Chromium", "Redis"],
  ]);
  for (const { name, state, remedy } of checks) expect([name, remedy === null]).toEqual([name, state === "good"]);
  const redis = checks.at(-1)!;
  expect(redis).toMatchObject({ state: "missing", remedy: expect.stringContaining("redis-server") });
  expect(out).not.toContain("secret");
}, 60_000);

test("a machine that has what is needed is told the next command", async () => {
  const { code, out } = await callProgram(["doctor"]);
  expect(code).toBe(0);
  expect(out).toContain("Nothing that Ganglion needs is missing.\nNext:     ganglion demo\n");
}, 60_000);

test("a Node that is too old is missing, with what to do", () => {
  expect(checkNode("18.20.4")).toMatchObject({ state: "missing", remedy: "install Node 20 or newer from nodejs.org" });
  expect(checkNode("20.0.0")).toMatchObject({ state: "good", remedy: null });
});
