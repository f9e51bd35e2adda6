import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { commands } from "./commands.ts";
import { callProgram } from "./testing/call-program.ts";

const script = async (shell: string) => (await callProgram(["completion", shell])).out;

/** What bash offers after the given words. */
async function offered(...words: string[]): Promise<string[]> {
  const line = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _ganglion; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", `${await script("bash")}\n${line}`], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((text) => text !== "");
}

test("bash offers every command, the options of one, and files elsewhere", async () => {
  expect(await offered("ganglion", "")).toEqual(commands.map(({ name }) => name));
  expect(await offered("ganglion", "in")).toEqual(["inspect"]);
  expect(await offered("ganglion", "train", "skin", "--dp")).toEqual([
    "--dp-epsilon",
    "--dp-delta",
    "--dp-unit",
    "--dp-clip",
  ]);
  expect(await offered("ganglion", "verify", "--")).toEqual(
    expect.arrayContaining(["--fingerprint", "--json", "--quiet", "--seed"]),
  );
  expect(await offered("ganglion", "train", "sk")).toEqual([]);
});

test.each([
  ["zsh", "/usr/bin/zsh"],
  ["fish", "/usr/bin/fish"],
])("the script of %s is one, with every command and its options", async (shell, path) => {
  const text = await script(shell);
  for (const { name } of commands) expect(text).toContain(name);
  expect(text).toContain("dp-epsilon");
  if (existsSync(path))
    expect(spawnSync(path, ["-n"], { input: text, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});

test("a shell without a script is named with those that have one", async () => {
  const { code, err } = await callProgram(["completion", "tcsh"]);
  expect([code, err]).toEqual([2, "ganglion: tcsh: use one of bash, zsh, fish\n"]);
});
