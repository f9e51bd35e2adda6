import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

test("the example of docs/radiomics.md runs as a user would run it", () => {
  if (!existsSync(`${root}/dist/features/index.js`)) throw new Error("dist is missing: run `npm run build` first");
  const [, code] = readFileSync(`${root}/docs/radiomics.md`, "utf8").match(/```js\n([\s\S]*?)```/)!;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", code!], { cwd: root, encoding: "utf8" });
  const [volume, contrast] = output.trim().split(" ").map(Number);
  // 20 of 32 columns, 24 rows, 8 slices of 3 mm.
  expect(volume).toBe(20 * 24 * 8 * 3);
  expect(contrast).toBeGreaterThan(0);
});
