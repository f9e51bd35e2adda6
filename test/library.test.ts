import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const snippets = [...readFileSync(`${root}/docs/library.md`, "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
  ([, code]) => code,
);
const { dependencies } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
  dependencies: Record<string, string>;
};

let folder: string;

/** Puts the packed tarball where `npm install` would, beside links to the dependencies that are installed here. */
beforeAll(() => {
  if (!existsSync(`${root}/dist/cli/main.js`)) throw new Error("dist is missing: run `npm run build` first");
  folder = mkdtempSync(join(tmpdir(), "ganglion-library-"));
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: root, encoding: "utf8" });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "ganglion"), { recursive: true });
  execFileSync("tar", ["-xf", join(folder, filename), "-C", join(modules, "ganglion"), "--strip-components=1"]);
  for (const name of [...Object.keys(dependencies), "@types/node"]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const compilerOptions = { strict: true, module: "nodenext", target: "es2023", types: ["node"], skipLibCheck: true };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts", "study.ts"] }));
  for (const [k, name] of ["program.ts", "study.ts"].entries()) writeFileSync(join(folder, name), snippets[k]!);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the program of docs/library.md is type-checked against the packed package and runs", () => {
  expect(snippets).toHaveLength(2);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const checked = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  expect([checked.stdout, checked.status]).toEqual(["", 0]);

  const ran = spawnSync(process.execPath, ["program.js"], { cwd: folder, encoding: "utf8" });
  expect([ran.stderr, ran.status]).toEqual(["", 0]);
  expect(ran.stdout).toMatch(/^10\d\d images seen, FID \d+\.\d\d on multiscale features: see report\/report\.html\n$/);
  const images = readdirSync(join(folder, "synthetic/images"), { recursive: true, encoding: "utf8" });
  expect(images.filter((name) => name.endsWith(".png"))).toHaveLength(7 * 20);
  const metrics = JSON.parse(readFileSync(join(folder, "report/metrics.json"), "utf8"));
  expect(metrics.features.multiscale.overall.fid.value).toBeGreaterThan(0);
  expect(existsSync(join(folder, "report/report.html"))).toBe(true);
}, 300_000);

test("a mistake in the program would be found", () => {
  const wrong = snippets[0]!.replace("resolution: 16", "resolutions: 16");
  expect(wrong).not.toBe(snippets[0]);
  writeFileSync(join(folder, "program.ts"), wrong);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const checked = spawnSync(process.execPath, [tsc, "-p", folder, "--noEmit"], { encoding: "utf8" });
  expect(checked.stdout).toContain("'resolutions' does not exist in type 'TrainRequest'");
}, 120_000);
