import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { commands } from "../src/cli/commands.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (name: string) => readFileSync(join(root, name), "utf8");
const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

describe("documents", () => {
  test.each(documents)("%s links only to what is there", (name) => {
    const links = [...read(name).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((found) => found[1]);
    const local = links.filter((link) => !/^https?:/.test(link!));
    expect(local.filter((link) => !existsSync(join(root, dirname(name), link!)))).toEqual([]);
  });

  test("that messages and help texts name are there", () => {
    const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
    const named = new Set<string>();
    for (const name of sources)
      if (name.endsWith(".ts"))
        for (const [path] of read(`src/${name}`).matchAll(/\bdocs\/[\w/.-]*\w/g)) named.add(path);
    expect(named.size).toBeGreaterThan(0);
    expect([...named].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test("and scripts call only commands that exist", () => {
    const names = commands.map(({ name }) => name);
    const called = [
      ...[...read("README.md").matchAll(/^ {4}ganglion (\w+)/gm)].map((found) => found[1]),
      ...[...read("package.json").matchAll(/dist\/cli\/main\.js (\w+)/g)].map((found) => found[1]),
    ];
    expect(called.length).toBeGreaterThan(5);
    expect(called.filter((name) => !names.includes(name!))).toEqual([]);
  });
});
