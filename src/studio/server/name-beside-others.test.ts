import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { nameBesideOthers } from "./name-beside-others.ts";

test("a dataset has its own name, deeper down with the way to it, and a release's its name", async () => {
  const root = await temporaryFolder();
  for (const [release, name] of [
    ["shared", "moles-1"],
    ["shared-2", "moles-2"],
  ]) {
    await mkdir(join(root, release!, "data"), { recursive: true });
    await writeFile(join(root, release!, "data/dataset.json"), JSON.stringify({ name }));
  }
  await mkdir(join(root, "damaged/data"), { recursive: true });
  await writeFile(join(root, "damaged/data/dataset.json"), "{");
  const named = (way: string, name: string) => nameBesideOthers(root, join(root, way), name);
  expect(await named("images", "images")).toBe("images");
  expect(await named("demo/skin", "skin")).toBe("demo/skin");
  expect(await named("sets/small.npz", "small")).toBe("sets/small");
  expect(await named("shared/data", "data")).toBe("moles-1 (shared)");
  expect(await named("shared-2/data", "data")).toBe("moles-2 (shared-2)");
  expect(await named("damaged/data", "data")).toBe("damaged/data");
  expect(await named(".", "whole")).toBe("whole");
  expect(await named("../elsewhere/data", "data")).toBe("data");
});
