import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const runtime = join(root, "node_modules/onnxruntime-node");
const { scripts, files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

let folder: string;

/** Writes a package and packs it. @returns the path of its tarball */
function pack(name: string, description: object, fill: (at: string) => void): string {
  const at = join(folder, name);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, "package.json"), JSON.stringify({ name, version: "1.0.0", ...description }));
  fill(at);
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: at, encoding: "utf8" });
  return join(folder, JSON.parse(packed)[0].filename);
}

let ours: string;
let runtimePackage: string;

/** The runtime's own install scripts in a package without its libraries, and packages that ask for it. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ganglion-install-"));
  const installed = ["adm-zip", "global-agent"];
  const { version } = JSON.parse(readFileSync(join(runtime, "package.json"), "utf8"));
  const described = { version, scripts: { postinstall: "node ./script/install" }, bundleDependencies: installed };
  runtimePackage = pack(
    "onnxruntime-node",
    { ...described, dependencies: { "adm-zip": "*", "global-agent": "*" } },
    (at) => {
      cpSync(join(runtime, "script"), join(at, "script"), { recursive: true });
      for (const name of installed) {
        mkdirSync(join(at, "node_modules", name), { recursive: true });
        writeFileSync(join(at, "node_modules", name, "package.json"), JSON.stringify({ name, version: "1.0.0" }));
        writeFileSync(join(at, "node_modules", name, "index.js"), "exports.bootstrap = () => undefined;");
      }
    },
  );
  const dependencies = { "onnxruntime-node": `file:${runtimePackage}` };
  ours = pack("ours", { scripts: { preinstall: scripts.preinstall }, dependencies }, (at) =>
    cpSync(join(root, "scripts/skip-cuda-download.mjs"), join(at, "scripts/skip-cuda-download.mjs")),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Installs where no host is reached: names are looked up by a server that is not there. */
function install(name: string, tarball: string, project: object = {}, env: Record<string, string> = {}) {
  const at = join(folder, name);
  mkdirSync(at);
  writeFileSync(join(at, "package.json"), JSON.stringify(project));
  // A preload that every script gets, in place of a network without other hosts.
  const offline = join(folder, "offline.cjs");
  writeFileSync(offline, 'require("https").get = (url) => { throw new Error("asked " + url); };');
  const words = ["install", tarball, "--offline", "--cache", join(folder, `${name}-cache`)];
  const { status, stderr } = spawnSync("npm", words, {
    cwd: at,
    encoding: "utf8",
    env: { ...process.env, ...env, npm_config_ignore_scripts: "false", NODE_OPTIONS: `--require ${offline}` },
  });
  return { status, stderr, script: join(at, "node_modules/onnxruntime-node/script/install.js") };
}

test("the package installs where the runtime's own script reaches no host", () => {
  expect(files).toContain("scripts/skip-cuda-download.mjs");
  const done = install("plain", ours);
  expect(done.status, done.stderr).toBe(0);
  expect(readFileSync(done.script, "utf8")).toContain("Written by Ganglion");
}, 60_000);

// Only there does the runtime's script download anything.
test.runIf(process.platform === "linux" && process.arch === "x64")(
  "without the step the same installation fails, and so it does where the download is asked for",
  () => {
    const alone = install("alone", runtimePackage);
    expect(alone.status).not.toBe(0);
    expect(alone.stderr).toContain("asked https://api.nuget.org");
    const asked = install("asked", ours, {}, { ONNXRUNTIME_NODE_INSTALL: "cuda12" });
    expect(asked.stderr).toContain("asked https://api.nuget.org");
  },
  120_000,
);

test("a project that uses the runtime itself keeps its install script", () => {
  const project = { dependencies: { "onnxruntime-node": `file:${runtimePackage}` } };
  const done = install("shared", ours, project, { ONNXRUNTIME_NODE_INSTALL_CUDA: "skip" });
  expect(done.status).toBe(0);
  expect(existsSync(join(done.script, "../install-download.js"))).toBe(false);
  const unasked = spawnSync(process.execPath, [join(root, "scripts/skip-cuda-download.mjs")], {
    cwd: join(folder, "shared/node_modules/ours"),
    env: { ...process.env, INIT_CWD: join(folder, "shared") },
  });
  expect(unasked.status).toBe(0);
  expect(readFileSync(done.script, "utf8")).not.toContain("Written by Ganglion");
}, 60_000);

test("the package is below 10 MB without the starts that it ships, which have 25 MB of their own", () => {
  if (!existsSync(join(root, "dist/cli/main.js"))) throw new Error("dist is missing: run `npm run build` first");
  const words = ["pack", "--json", "--pack-destination", folder];
  const [{ filename, files }] = JSON.parse(execFileSync("npm", words, { cwd: root, encoding: "utf8" }));
  const starts = (files as { path: string }[]).map(({ path }) => path).filter((path) => path.startsWith("starts/"));
  expect(starts.length).toBeGreaterThan(0);
  const packed = starts.reduce((sum, path) => sum + gzipSync(readFileSync(join(root, path))).length, 0);
  expect(statSync(join(folder, filename)).size - packed).toBeLessThan(10e6);
}, 60_000);
