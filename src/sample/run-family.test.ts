import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../core/testing/fixtures.ts";
import { runFamily } from "./run-family.ts";

async function runOf(config: unknown): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  return folder;
}

test("a run is of the family that its configuration names", async () => {
  expect((await runFamily(await runOf({ format: "ganglion.run/1", model: "spade" }))).input).toBe("maps");
});

test("a run of a later version is refused, whether its format or its family is new", async () => {
  await expect(runFamily(await runOf({ format: "ganglion.run/2", model: "spade" }))).rejects.toThrow(
    /config\.json: the format is "ganglion\.run\/2", and this version reads ganglion\.run\/1; use the version that trained the run$/,
  );
  await expect(runFamily(await runOf({ format: "ganglion.run/1", model: "sprout" }))).rejects.toThrow(
    /the model is "sprout", which this version does not know/,
  );
});
