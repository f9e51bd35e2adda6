import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("../scripts/check-layers.mjs", import.meta.url));

let src: string;
beforeEach(() => {
  src = mkdtempSync(join(tmpdir(), "ganglion-layers-"));
});
afterEach(() => rmSync(src, { recursive: true, force: true }));

function check(files: Record<string, string>): { code: number | null; said: string } {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(src, name)), { recursive: true });
    writeFileSync(join(src, name), text);
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, src], { encoding: "utf8" });
  return { code: status, said: stdout + stderr };
}

test("a tree that keeps the rules passes", () => {
  const result = check({
    "core/a.ts": "export const a = 1;",
    "graph/runtime.ts": 'import * as ort from "onnxruntime-node";\nexport const o = ort;',
    "model/m.ts": 'import { a } from "../core/a.ts";\nimport type { o } from "../graph/runtime.ts";\nexport { a };',
    "cli/main.ts": 'import "../model/m.ts";\nconsole.log(1);\nprocess.exit(0);',
    "model/m.test.ts": 'import "./m.ts"; console.log("tests may");',
  });
  expect(result).toEqual({ code: 0, said: "layers: 5 files keep the layer table and have no import cycle\n" });
});

describe("each broken rule is named with file, line and reason", () => {
  const target = { "cli/x.ts": "", "train/x.ts": "", "data/x.ts": "" };
  test.each<[string, Record<string, string>, string]>([
    ["import", { "core/a.ts": '\nimport { x } from "../data/x.ts";' }, "core/a.ts:2: core must not import data"],
    [
      "type import",
      { "data/a.ts": 'import type { x } from "../train/x.ts";' },
      "data/a.ts:1: data must not import train",
    ],
    ["re-export", { "graph/a.ts": "export * from '../data/x.ts';" }, "graph must not import data"],
    ["side effect", { "model/a.ts": 'import "../data/x.ts";' }, "model must not import data"],
    ["dynamic import", { "sample/a.ts": 'const x = await import("../cli/x.ts");' }, "sample must not import cli"],
    ["type query", { "sample/a.ts": 'type T = import("../cli/x.ts").T;' }, "sample must not import cli"],
    ["many lines", { "core/a.ts": 'import {\n  x,\n  y,\n} from "../data/x.ts";' }, "core/a.ts:4: core must not"],
    ["a test too", { "core/a.test.ts": 'import "../data/x.ts";' }, "core must not import data"],
    ["unknown layer", { "utils/a.ts": "" }, "utils/a.ts: is in no layer"],
    ["outside src", { "core/a.ts": 'import "../../bench/x.ts";' }, "imports ../../bench/x.ts, outside src"],
    ["runtime", { "train/a.ts": 'import "onnxruntime-node";' }, "only graph/runtime.ts may"],
    ["lazy runtime", { "graph/a.ts": 'await import("onnxruntime-common");' }, "only graph/runtime.ts may"],
    ["page", { "studio/web/a.tsx": 'import { x } from "../../core/errors.ts";' }, "the page must not import"],
    ["into the page", { "cli/a.ts": 'import "../studio/web/x.ts";' }, "only the page imports its own files"],
    [
      "page's runtime",
      { "studio/web/a.ts": 'import("onnxruntime-web/wasm");' },
      "only studio/web/generator/session.ts may",
    ],
    ["a test", { "core/b.test.ts": "", "core/a.ts": 'import "./b.test.ts";' }, "imports a test"],
    ["print", { "data/a.ts": "\n\nconsole.warn(1);" }, "data/a.ts:3: uses console."],
    ["exit", { "cli/command/a.ts": "process.exit(1);" }, "uses process.exit"],
    ["stdout", { "train/a.ts": "process.stdout.write('x');" }, "uses process.stdout"],
    ["after a regex", { "core/a.ts": 'const r = /[/*"`]/;\nimport "../data/x.ts";' }, "core/a.ts:2: core must not"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is source text to check
    ["inside a template", { "core/a.ts": "const t = `${{ a: console.log(1) }}`;" }, "uses console."],
  ])("%s", (_, files, said) => {
    const result = check({ ...target, ...files });
    expect(result.code).toBe(1);
    expect(result.said).toContain(said);
  });

  test("a cycle is printed as its path", () => {
    const result = check({
      "core/a.ts": 'import "./b.ts";',
      "core/b.ts": 'import type { c } from "./c.ts";',
      "core/c.ts": 'export * from "./a.ts";',
      "core/d.ts": 'import "./a.ts";',
    });
    expect(result).toEqual({
      code: 1,
      said: "layers: import cycle: core/a.ts -> core/b.ts -> core/c.ts -> core/a.ts\n",
    });
  });

  test("the first twenty in full, the rest counted", () => {
    const files = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`core/a${i}.ts`, "console.log(1);"]));
    const { said } = check(files);
    expect(said.trimEnd().split("\n")).toHaveLength(21);
    expect(said).toContain("and 5 more");
  });
});

test("comments, strings and templates are no imports", () => {
  const files = {
    "data/x.ts": "",
    "core/a.ts": [
      '// import "../data/x.ts";',
      '/* console.log(1);\n import "../data/x.ts"; */',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is source text to check
      'const text = `import "../data/x.ts" console.log ${`console.log(${1})`} process.exit`;',
      'const message = "console.log and process.exit";',
      "const half = text.length / 2; // a / division",
      'const from = half / 3; const r = /console.log/; const other = "../data/x.ts";',
    ].join("\n"),
  };
  expect(check(files)).toMatchObject({ code: 0 });
});
