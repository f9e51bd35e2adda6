import { expect, test } from "vitest";
import { temporaryFolder } from "../core/testing/fixtures.ts";
import { pngOf, writeFiles } from "../data/testing/fixtures.ts";
import type { CommandContext } from "./command.ts";
import { auditNext, sameCommand } from "./next-command.ts";

const after = (words: readonly string[], ...more: string[]) =>
  sameCommand({ words } as unknown as CommandContext, ["--dry-run"], more);

test("the same command: without the dry run, and without how it was to say things", () => {
  expect(after(["split", "a b", "--dry-run", "--json"])).toBe("ganglion split 'a b'");
  expect(after(["split", "a", "--progress", "json", "--dry-run", "--seed", "3"])).toBe("ganglion split a --seed 3");
  expect(after(["split", "--progress=json", "a", "--dry-run"])).toBe("ganglion split a");
  expect(after(["split", "--dry-run", "--", "--json"])).toBe("ganglion split -- --json");
  expect(after(["split", "--", "-a"], "--seed", "3")).toBe("ganglion split --seed 3 -- -a");
});

test("a folder that is named anew takes the place of the one before", () => {
  expect(after(["audit", "--out", "x", "--train", "t"], "--out", "y")).toBe("ganglion audit --train t --out y");
  expect(after(["audit", "--out=x", "--train", "t"], "--out", "y")).toBe("ganglion audit --train t --out y");
});

test("a set of which nothing is held out: a training that holds some out, and of a run that did not a split", async () => {
  const real = await writeFiles(await temporaryFolder(), { "a/1.png": await pngOf(1), "b/2.png": await pngOf(2) });
  expect(await auditNext({ real, synthetic: "drawn" })).toMatch(/^ganglion train \S+ --out run/);
  expect(await auditNext({ real, synthetic: "drawn", run: "mine" })).toBe(`ganglion split ${real}`);
});
