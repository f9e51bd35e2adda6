import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const BIOME = join(ROOT, "node_modules/.bin/biome");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ganglion-layers-"));
  cpSync(join(ROOT, "biome.json"), join(folder, "biome.json"));
  cpSync(join(ROOT, "scripts/lint"), join(folder, "scripts/lint"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Found {
  readonly category: string;
  readonly severity: string;
  readonly message: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
}

/** Plants files under `src` and returns the errors of Biome with our rules, as `FILE:LINE: MESSAGE`, sorted. */
function check(files: Record<string, string>): string[] {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, "src", name)), { recursive: true });
    writeFileSync(join(folder, "src", name), text);
  }
  const { stdout } = spawnSync(
    BIOME,
    ["lint", "--vcs-enabled=false", "--reporter=json", "--max-diagnostics=none", "--diagnostic-level=error"],
    { cwd: folder, encoding: "utf8" },
  );
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Found[] };
  return diagnostics.map(({ location, message }) => `${location.path}:${location.start.line}: ${message}`).sort();
}

test("a tree that keeps the rules passes", () => {
  const found = check({
    "core/a.ts": "export const a = 1;",
    "graph/runtime.ts": 'import * as ort from "onnxruntime-node";\nexport const o = ort;',
    "model/m.ts": 'import { a } from "../core/a.ts";\nimport type { o } from "../graph/runtime.ts";\nexport { a };',
    "cli/main.ts": 'import "../model/m.ts";\nconsole.log(1);\nprocess.exit(0);',
    "model/m.test.ts": 'import "./m.ts";\nimport "../phantom/p.ts";\nconsole.log("tests may");',
    "phantom/p.ts": "",
    "studio/api.ts": "",
    "studio/web/pages/run/a.tsx": 'import "../study/b.ts";\nimport "../../../api.ts";\nimport "../../format.ts";',
    "studio/web/pages/study/b.ts": 'import "../../../../core/rng.ts";',
    "studio/web/generator/session.ts": 'await import("onnxruntime-web/wasm");',
  });
  expect(found).toEqual([]);
});

test("every folder of src is a layer of the table, in the rule and in CONTRIBUTING.md", () => {
  const rule = readFileSync(join(ROOT, "scripts/lint/layers.grit"), "utf8");
  const layers = rule.match(/\$imported <: r"(core\|[^"]*)"/)?.[1]?.split("|") ?? [];
  expect([...layers].sort()).toEqual(readdirSync(join(ROOT, "src")).sort());
  const allowed = Object.fromEntries(
    [...rule.matchAll(/\$layer <: "(\w+)",\s+\$imported <: r?"([^"]+)"/g)].map(([, layer, to]) => [
      layer,
      to!.split("|"),
    ]),
  );
  const table = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8").matchAll(/^\| `src\/(\w+)` \| (.+) \|$/gm);
  const stated = Object.fromEntries([...table].map(([, layer, to]) => [layer, to === "-" ? [] : to!.split(", ")]));
  const known = layers.map((layer) => [layer, allowed[layer] ?? []]);
  expect(stated).toEqual(Object.fromEntries(known));
});

describe("each broken rule is named with file, line and reason", () => {
  const target = { "cli/x.ts": "", "train/x.ts": "", "data/x.ts": "", "phantom/x.ts": "" };
  test.each<[string, Record<string, string>, string]>([
    ["import", { "core/a.ts": '\nimport { x } from "../data/x.ts";' }, "core/a.ts:2: core must not import data"],
    ["deep", { "core/a/b.ts": 'import { x } from "../../data/x.ts";' }, "core/a/b.ts:1: core must not import data"],
    ["type", { "data/a.ts": 'import type { x } from "../train/x.ts";' }, "data/a.ts:1: data must not import train"],
    ["re-export", { "graph/a.ts": "export * from '../data/x.ts';" }, "graph/a.ts:1: graph must not import data"],
    ["side effect", { "model/a.ts": 'import "../data/x.ts";' }, "model/a.ts:1: model must not import data"],
    ["dynamic", { "sample/a.ts": 'await import("../cli/x.ts");' }, "sample/a.ts:1: sample must not import cli"],
    ["type query", { "sample/a.ts": 'type T = import("../cli/x.ts").T;' }, "sample/a.ts:1: write `import type`"],
    ["runtime's type", { "train/a.ts": 'type T = import("onnxruntime-node").T;' }, "train/a.ts:1: write `import type`"],
    ["many lines", { "core/a.ts": 'import {\n  x,\n  y,\n} from "../data/x.ts";' }, "core/a.ts:4: core must not"],
    ["a test too", { "core/a.test.ts": 'import "../data/x.ts";' }, "core/a.test.ts:1: core must not import data"],
    ["unknown layer", { "utils/a.ts": 'import "../data/x.ts";' }, "utils/a.ts:1: utils must not import data"],
    ["outside src", { "core/a.ts": 'import "../../bench/x.ts";' }, "core/a.ts:1: imports a file outside src"],
    ["phantom", { "audit/a.ts": 'import "../phantom/x.ts";' }, "audit/a.ts:1: only tests and the command line import"],
    ["runtime", { "train/a.ts": 'import "onnxruntime-node";' }, "train/a.ts:1: only src/graph/runtime.ts"],
    [
      "lazy runtime",
      { "graph/a.ts": 'await import("onnxruntime-common");' },
      "graph/a.ts:1: only src/graph/runtime.ts",
    ],
    [
      "page",
      { "studio/web/a.tsx": 'import { x } from "../../core/errors.ts";' },
      "studio/web/a.tsx:1: the page imports",
    ],
    ["page's server", { "studio/web/p/a.ts": 'import "../../server/x.ts";' }, "studio/web/p/a.ts:1: the page imports"],
    [
      "into the page",
      { "cli/a.ts": 'import "../studio/web/x.ts";' },
      "cli/a.ts:1: only the page imports its own files",
    ],
    ["page, near", { "studio/a.ts": 'import "./web/x.ts";' }, "studio/a.ts:1: only the page imports its own files"],
    [
      "page's runtime",
      { "studio/web/a.ts": 'import("onnxruntime-web/wasm");' },
      "studio/web/a.ts:1: only src/graph/runtime.ts and, in the page, src/studio/web/generator/session.ts",
    ],
    ["a test", { "core/b.test.ts": "", "core/a.ts": 'import "./b.test.ts";' }, "core/a.ts:1: imports a test"],
    ["a helper", { "core/a.ts": 'import "./testing/b.ts";' }, "core/a.ts:1: imports a test"],
    ["print", { "data/a.ts": "\n\nconsole.warn(1);" }, "data/a.ts:3: Don't use console."],
    ["exit", { "cli/command/a.ts": "process.exit(1);" }, "cli/command/a.ts:1: only src/cli/main.ts and"],
    ["stdout", { "train/a.ts": "process.stdout.write('x');" }, "train/a.ts:1: only src/cli/main.ts and"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is source text to check
    ["in a template", { "core/a.ts": "const t = `${{ a: console.log(1) }}`;" }, "core/a.ts:1: Don't use console."],
  ])("%s", (_, files, expected) => {
    const found = check({ ...target, ...files });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`src/${expected}`);
  });

  test("a cycle is found at each of its imports, types included", () => {
    const found = check({
      "core/a.ts": 'import "./b.ts";',
      "core/b.ts": 'import type { c } from "./c.ts";',
      "core/c.ts": 'export * from "./a.ts";',
      "core/d.ts": 'import "./a.ts";',
    });
    expect(found).toEqual(["a", "b", "c"].map((name) => `src/core/${name}.ts:1: This import is part of a cycle.`));
  });
});

test("comments, strings and templates are no imports", () => {
  const files = {
    "data/x.ts": "",
    "core/a.ts": [
      '// import "../data/x.ts";',
      '/* console.log(1);\n import "../data/x.ts"; */',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is source text to check
      'export const text = `import "../data/x.ts" console.log ${`console.log(${1})`} process.exit`;',
      'export const message = "console.log and process.exit";',
    ].join("\n"),
  };
  expect(check(files)).toEqual([]);
});
