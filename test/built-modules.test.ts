import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SRC = fileURLToPath(new URL("../src/", import.meta.url));

test("no module asks whether it runs as TypeScript; tests map names of compiled modules to the build", () => {
  const files = (readdirSync(SRC, { recursive: true }) as string[]).filter(
    (name) => /\.tsx?$/.test(name) && !name.includes(".test.") && !name.includes("testing/"),
  );
  expect(files.length).toBeGreaterThan(400);
  const asking = files.filter((name) =>
    /import\.meta\.(url|filename)[^\n]*\.ts\b|__filename|\bdist\/(?!studio\/web)/.test(
      readFileSync(SRC + name, "utf8"),
    ),
  );
  expect(asking).toEqual([]);
});
