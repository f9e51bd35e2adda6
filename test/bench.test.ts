import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const folder = new URL("../bench/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".mjs"));

/** Names that a script imports from the build, by module. */
function importsOf(text: string): [string, string[]][] {
  const found = text.matchAll(/import \{([^}]*)\} from "(\.\.\/dist\/[^"]+)"/g);
  return [...found].map(([, names, module]) => [
    module!,
    names!
      .split(",")
      .map((name) => name.trim().split(" as ")[0]!)
      .filter(Boolean),
  ]);
}

test.each(files)("%s imports what the build has", async (name) => {
  for (const [module, names] of importsOf(readFileSync(new URL(name, folder), "utf8"))) {
    const exported = await import(fileURLToPath(new URL(module, folder)));
    for (const wanted of names) expect(Object.keys(exported), `${module}: ${wanted}`).toContain(wanted);
  }
});

test("benchmarks do import the build, or the test above says nothing", () => {
  const all = files.flatMap((name) => importsOf(readFileSync(new URL(name, folder), "utf8")));
  expect(all.length).toBeGreaterThan(20);
});

test("none loads ONNX Runtime past the build, which keeps it from sending telemetry", () => {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.(mjs|py)$/.test(file),
  )) {
    expect(readFileSync(new URL(name, folder), "utf8"), name).not.toMatch(/onnxruntime/i);
  }
});
