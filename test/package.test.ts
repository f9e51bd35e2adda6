import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (name: string) => readFileSync(`${root}/${name}`, "utf8");
const manifest = JSON.parse(read("package.json")) as {
  version: string;
  exports: Record<string, { types: string; default: string }>;
  bin: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

beforeAll(() => {
  if (!existsSync(`${root}/dist/cli/main.js`)) throw new Error("dist is missing: run `npm run build` first");
});

describe("what the package offers", () => {
  test.each(Object.keys(manifest.exports))("%s can be imported by its public name and has types", async (subpath) => {
    const { types } = manifest.exports[subpath]!;
    expect(existsSync(`${root}/${types}`), types).toBe(true);
    // In a process of its own, as a user would: Node resolves the package's own name through `exports`.
    const name = `ganglion${subpath.slice(1)}`;
    const code = `import(${JSON.stringify(name)}).then((m) => console.log(Object.keys(m).length))`;
    const names = Number(execFileSync(process.execPath, ["-e", code], { cwd: root, encoding: "utf8" }));
    expect(names).toBeGreaterThan(0);
  });

  test("every layer of the library has its subpath", () => {
    // The command line and the studio are used, not imported; DICOM, the comparison of images and the parts of reports serve others.
    const inner = ["cli", "dicom", "likeness", "report", "studio"];
    const layers = readdirSync(`${root}/src`).filter((name) => !inner.includes(name));
    expect(Object.keys(manifest.exports).sort()).toEqual(layers.map((name) => `./${name}`).sort());
  });

  test("the command is executable by name", () => {
    const { ganglion } = manifest.bin;
    expect(statSync(`${root}/${ganglion}`).mode & 0o111).toBe(0o111);
    const said = execFileSync(`${root}/${ganglion}`, ["--version"], { encoding: "utf8" });
    expect(said.trim()).toBe(manifest.version);
  });

  test("the tarball holds the build, the documents and the licence, and no tests or sources", () => {
    const output = execFileSync("npm", ["pack", "--dry-run", "--json"], { cwd: root, encoding: "utf8" });
    const [{ files }] = JSON.parse(output) as [{ files: { path: string }[] }];
    const paths = files.map((file) => file.path);
    expect(paths).toEqual(expect.arrayContaining(["LICENSE", "README.md", "CHANGELOG.md", "dist/cli/main.js"]));
    expect(
      paths.filter(
        (path) =>
          !/^(dist\/|docs\/|starts\/|scripts\/skip-cuda-download\.mjs$|LICENSE$|README\.md$|CHANGELOG\.md$|package\.json$)/.test(
            path,
          ),
      ),
    ).toEqual([]);
    expect(paths.filter((path) => /\.test\.|\/testing\//.test(path))).toEqual([]);
  });
});

describe("what the package needs", () => {
  test("every dependency is pinned, and the lock file records no download address", () => {
    for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies }))
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(read("package-lock.json")).not.toContain('"resolved"');
    expect(read(".npmrc")).toContain("ignore-scripts=true");
  });

  /** Packages that the sources below a folder import. */
  function importedBelow(folder: string, except = "/no folder"): string[] {
    const sources = readdirSync(`${root}/${folder}`, { recursive: true, encoding: "utf8" }).filter(
      (name) => /\.tsx?$/.test(name) && !/\.test\.|testing\/|vite-env/.test(name) && !name.startsWith(except),
    );
    const imported = new Set<string>();
    for (const name of sources)
      for (const [, module] of read(`${folder}/${name}`).matchAll(/(?:from |import\()"([a-z@][\w@./:-]*)"/g))
        if (!module!.startsWith("node:")) imported.add(module!.match(/^(@[^/]+\/)?[^/]+/)![0]);
    return [...imported].sort();
  }

  test("every dependency is imported somewhere, and every import is declared", () => {
    expect(importedBelow("src", "studio/web/")).toEqual(Object.keys(manifest.dependencies).sort());
  });

  test("what the studio's page imports is bundled into it, so that nobody has to install it", () => {
    const packages = importedBelow("src/studio/web");
    expect(packages).toContain("preact");
    for (const name of packages) expect(Object.keys(manifest.devDependencies)).toContain(name);
  });

  test("the change log speaks of this version", () => {
    expect(read("CHANGELOG.md")).toContain(`## ${manifest.version}`);
  });
});
