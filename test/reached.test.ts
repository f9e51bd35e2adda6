/**
 * Every source file has a user: a command, the studio's page, a process or thread that they start, or a name that the
 * package exports. What only tests and benchmarks use lies in a folder `testing`, which the package leaves out.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const isForTests = (file: string): boolean => /\.test\.tsx?$|\/testing\/|\.d\.ts$/.test(file);

const sources = new Map(
  readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !isForTests(file))
    .map((file) => [join("src", file), readFileSync(join(root, "src", file), "utf8")]),
);

const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  exports: Record<string, { types: string }>;
};

const starts = [
  "src/cli/main.ts",
  "src/studio/web/main.tsx",
  ...Object.values(exports).map(({ types }) => types.replace("./dist/", "src/").replace(".d.ts", ".ts")),
];

/** Source files that a text names by a relative path, as imports and the starts of threads and processes do. */
function named(file: string, text: string): string[] {
  const names = [...text.matchAll(/"(\.{1,2}\/[^"\n]+)"/g)].map(([, name]) => join(dirname(file), name!));
  return names.flatMap((name) => [name, name.replace(/\.js$/, ".ts")]).filter((name) => sources.has(name));
}

/** The files that are reached from some, themselves too. */
function reached(from: readonly string[]): Set<string> {
  const found = new Set(from);
  for (const file of found) for (const next of named(file, sources.get(file)!)) found.add(next);
  return found;
}

test("the starts exist and reach most of the sources", () => {
  for (const start of starts) expect(sources.has(start), start).toBe(true);
  expect(reached(starts.slice(0, 1)).size).toBeGreaterThan(sources.size / 2);
});

test("every source file is reached by a command, the studio's page or a name of the package", () => {
  const found = reached(starts);
  expect([...sources.keys()].filter((file) => !found.has(file))).toEqual([]);
});
