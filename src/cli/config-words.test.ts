import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../core/testing/fixtures.ts";
import type { CommandEntry } from "./commands.ts";
import { addConfigOption } from "./config-words.ts";
import { callProgram } from "./testing/call-program.ts";

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});

const table: CommandEntry[] = [
  {
    name: "grow",
    summary: "grow",
    load: async () => ({
      configure: (command) =>
        void addConfigOption(command)
          .argument("<SET>")
          .requiredOption("--out <DIR>", "folder")
          .option("--dp-epsilon <E>", "epsilon", Number)
          .option("--where <COL=VALUE>", "filter", (value: string, earlier: string[]) => [...earlier, value], [])
          .option("--resume", "continue"),
      run: async (args, options) => ({ json: { args, ...z.object({}).loose().parse(options) }, text: "" }),
    }),
  },
];

async function grow(config: unknown, ...words: string[]) {
  const path = join(folder, "options.json");
  await writeFile(path, typeof config === "string" ? config : JSON.stringify(config));
  const { code, out } = await callProgram(["grow", ...words, "--config", path, "--json"], table);
  return { code, path, found: JSON.parse(out) };
}

test("a file gives the options, also those that must be given", async () => {
  const config = { out: "run", "dp-epsilon": 8, where: ["site=arm", "sex=-1"], resume: true };
  expect((await grow(config, "skin")).found).toMatchObject({
    args: ["skin"],
    out: "run",
    dpEpsilon: 8,
    where: ["site=arm", "sex=-1"],
    resume: true,
  });
  expect((await grow({ out: "run", dpEpsilon: 2, resume: false }, "skin")).found).toMatchObject({ dpEpsilon: 2 });
});

test("what is given on the command line wins", async () => {
  const config = { out: "run", "dp-epsilon": 8, where: "site=arm" };
  const { found } = await grow(config, "skin", "--out=other", "--where", "site=leg");
  expect(found).toMatchObject({ out: "other", where: ["site=leg"], dpEpsilon: 8 });
});

test.each([
  [{ out: "run", "dp-epsilom": 8 }, 'there is no option "dp-epsilom"; is dp-epsilon meant?'],
  [{ out: "run", config: "other.json" }, 'there is no option "config"'],
  [{ out: { a: 1 } }, 'out is {"a":1}; give a text or a number'],
  [{ out: "run", resume: "yes" }, 'resume is "yes"; give true or false'],
  [["out"], 'write one JSON object of options, e.g. {"preset":"small"}'],
])("%j is wrong usage, and said with the file", async (config, message) => {
  const { code, path, found } = await grow(config, "skin");
  expect(code).toBe(2);
  expect(found.error.message).toContain(`--config ${path}: ${message}`);
});

test("a file that is missing or no JSON is named", async () => {
  const missing = await callProgram(["grow", "skin", "--config", join(folder, "none.json")], table);
  expect([missing.code, missing.err]).toEqual([1, expect.stringContaining("none.json")]);
  expect((await grow("{", "skin")).found.error.message).toContain("is not valid JSON");
});
