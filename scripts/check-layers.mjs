// Enforces the architecture on the imports of src: the layer table, one door to ONNX Runtime, no printing or exiting outside
// the command line, no import cycles. Usage: check-layers.mjs [SRC_FOLDER]
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** What each layer may import besides itself and core. */
const LAYERS = {
  core: [],
  graph: [],
  math: ["graph"],
  dicom: [],
  data: ["dicom"],
  report: ["data"],
  phantom: ["data"],
  model: ["graph"],
  train: ["math", "data", "model", "graph"],
  features: ["math", "data", "graph", "model", "train"],
  sample: ["data", "model", "graph"],
  evaluate: ["math", "report", "data", "graph", "model", "train", "features"],
  audit: ["math", "report", "data", "graph", "model", "train", "features"],
  release: ["data", "dicom", "model", "sample", "evaluate", "audit"],
  study: ["math", "report", "data", "graph", "model", "train", "sample", "features"],
  studio: ["math", "graph", "data", "model", "train", "sample", "study"],
  cli: [
    ...["graph", "data", "phantom", "model", "train", "features", "sample"],
    ...["evaluate", "audit", "release", "study", "studio"],
  ],
};
/** What tests of every layer may import too: images with known truth. */
const TEST_DATA = "phantom";
const RUNTIME_DOOR = "graph/runtime.ts";
/** The studio's page runs in a browser: what it may import besides itself is free of Node. */
const PAGE = "studio/web/";
const PAGE_MAY_IMPORT = ["core/percent.ts", "core/rng.ts", "data/maps/semantic-map.ts", "studio/api.ts"];
const PAGE_RUNTIME_DOOR = "studio/web/generator/session.ts";
const MAY_PRINT = ["cli/main.ts", "cli/terminal-progress.ts"];
const SHOWN = 20;

const isSource = (file) => /\.tsx?$/.test(file);
const isTest = (file) => /\.test\.tsx?$|(^|\/)testing\//.test(file);

/**
 * Splits source text into code and the string literals of imports: comments, template text and regular expressions become
 * blanks; strings are kept in `withStrings` and blanked in `code`.
 */
export function scan(text) {
  let code = "";
  let withStrings = "";
  const keep = (piece, isString = false) => {
    const blank = piece.replace(/[^\n]/g, " ");
    code += isString ? blank : piece;
    withStrings += piece;
  };
  const drop = (piece) => {
    const blank = piece.replace(/[^\n]/g, " ");
    code += blank;
    withStrings += blank;
  };
  const TOKEN = {
    lineComment: /\/\/[^\n]*/y,
    blockComment: /\/\*[\s\S]*?(\*\/|$)/y,
    string: /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y,
    regex: /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
    templateText: /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y,
  };
  const match = (token, at) => {
    TOKEN[token].lastIndex = at;
    return TOKEN[token].exec(text)?.[0];
  };
  /** Depth of braces inside each open `${`. */
  const templates = [];
  let at = 0;
  const takeTemplate = () => {
    const piece = match("templateText", at) ?? "";
    drop(piece);
    at += piece.length;
    if (text[at] === "`") drop(text[at++]);
    else if (text[at] === "$") {
      drop(text.slice(at, at + 2));
      at += 2;
      templates.push(0);
    }
  };
  while (at < text.length) {
    const comment = match("lineComment", at) ?? match("blockComment", at);
    const string = comment === undefined ? match("string", at) : undefined;
    const operandBefore =
      /[\w$)\]}]\s*$/.test(code.slice(-40)) && !/\b(return|typeof|case|in|of)\s*$/.test(code.slice(-40));
    const regex = comment === undefined && text[at] === "/" && !operandBefore ? match("regex", at) : undefined;
    const character = text[at];
    if (comment !== undefined) {
      drop(comment);
      at += comment.length;
    } else if (string !== undefined) {
      keep(string, true);
      at += string.length;
    } else if (regex !== undefined) {
      drop(regex);
      at += regex.length;
    } else if (character === "`") {
      drop(character);
      at++;
      takeTemplate();
    } else if (character === "}" && templates.at(-1) === 0) {
      templates.pop();
      drop(character);
      at++;
      takeTemplate();
    } else {
      if (templates.length > 0 && character === "{") templates[templates.length - 1]++;
      if (templates.length > 0 && character === "}") templates[templates.length - 1]--;
      keep(character);
      at++;
    }
  }
  return { code, withStrings };
}

/** Every module name that the source text imports or re-exports, types too, with its line. */
export function importsOf(text) {
  const { withStrings } = scan(text);
  const form = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\brequire\s*\(\s*)(?:"([^"\n]+)"|'([^'\n]+)')/g;
  return [...withStrings.matchAll(form)].map((found) => ({
    name: found[1] ?? found[2],
    line: withStrings.slice(0, found.index).split("\n").length,
  }));
}

/** The first import cycle in a graph of files, as the list of its files, or null. */
export function findCycle(graph) {
  const state = new Map();
  const path = [];
  const visit = (file) => {
    if (state.get(file) === "done") return null;
    if (state.get(file) === "open") return [...path.slice(path.indexOf(file)), file];
    state.set(file, "open");
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle !== null) return cycle;
    }
    path.pop();
    state.set(file, "done");
    return null;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle !== null) return cycle;
  }
  return null;
}

/** Every broken rule under a source folder, as lines of text. */
export function checkLayers(root) {
  const problems = [];
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((file) => file.split(sep).join("/"))
    .filter(isSource)
    .sort();
  const graph = new Map();
  for (const file of files) {
    const text = readFileSync(join(root, file), "utf8");
    const layer = file.split("/")[0];
    if (!(layer in LAYERS)) {
      problems.push(`${file}: is in no layer; the layers are ${Object.keys(LAYERS).join(", ")}`);
      continue;
    }
    const edges = [];
    for (const { name, line } of importsOf(text)) {
      const door = file.startsWith(PAGE) ? PAGE_RUNTIME_DOOR : RUNTIME_DOOR;
      if (/^onnxruntime/.test(name) && file !== door && !isTest(file))
        problems.push(`${file}:${line}: imports ${name}; only ${door} may`);
      if (!name.startsWith(".")) continue;
      const target = relative(root, resolve(root, dirname(file), name))
        .split(sep)
        .join("/");
      const targetLayer = target.split("/")[0];
      if (existsSync(join(root, target)) && isSource(target)) edges.push(target);
      if (target.startsWith("..")) {
        if (!isTest(file) && !target.endsWith("package.json"))
          problems.push(`${file}:${line}: imports ${name}, outside src`);
      } else if (
        targetLayer !== layer &&
        targetLayer !== "core" &&
        !LAYERS[layer].includes(targetLayer) &&
        !(isTest(file) && targetLayer === TEST_DATA)
      )
        problems.push(`${file}:${line}: ${layer} must not import ${targetLayer} (${name})`);
      else if (file.startsWith(PAGE) && !target.startsWith(PAGE) && !PAGE_MAY_IMPORT.includes(target))
        problems.push(`${file}:${line}: the page must not import ${name}; it may ${PAGE_MAY_IMPORT.join(", ")}`);
      else if (target.startsWith(PAGE) && !file.startsWith(PAGE))
        problems.push(`${file}:${line}: imports ${name}; only the page imports its own files`);
      else if (isTest(target) && !isTest(file)) problems.push(`${file}:${line}: imports a test (${name})`);
    }
    graph.set(file, edges);
    if (isTest(file) || MAY_PRINT.includes(file)) continue;
    const lines = scan(text).code.split("\n");
    for (const [index, line] of lines.entries()) {
      const found = line.match(/\bconsole\s*\.|\bprocess\s*\.\s*(?:exit|exitCode|abort|stdout|stderr)\b/)?.[0];
      if (found)
        problems.push(`${file}:${index + 1}: uses ${found}; only ${MAY_PRINT.join(" and ")} may print or exit`);
    }
  }
  const cycle = findCycle(graph);
  if (cycle !== null) problems.push(`import cycle: ${cycle.join(" -> ")}`);
  return { problems, files: files.length };
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = resolve(process.argv[2] ?? fileURLToPath(new URL("../src", import.meta.url)));
  const { problems, files } = checkLayers(root);
  for (const problem of problems.slice(0, SHOWN)) console.error(`layers: ${problem}`);
  if (problems.length > SHOWN) console.error(`layers: ... and ${problems.length - SHOWN} more`);
  if (problems.length > 0) process.exit(1);
  console.log(`layers: ${files} files keep the layer table and have no import cycle`);
}
