import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeOnExit } from "./temporary.ts";

test("what is still open at exit is removed with its content, what was released stays", () => {
  const folder = mkdtempSync(join(tmpdir(), "ganglion-temporary-"));
  const listeners = process.listeners("exit");
  const [kept, left] = [join(folder, "kept"), join(folder, "left")];
  for (const path of [kept, left]) {
    mkdirSync(path);
    writeFileSync(join(path, "file"), "x");
  }
  const release = removeOnExit(kept);
  const releaseLeft = removeOnExit(left);
  release();
  const added = process.listeners("exit").filter((listener) => !listeners.includes(listener));
  expect(added).toHaveLength(1);
  added[0]!(0);
  expect([existsSync(kept), existsSync(left)]).toEqual([true, false]);
  releaseLeft();
  expect(process.listeners("exit")).toEqual(listeners);
  rmSync(folder, { recursive: true });
});
