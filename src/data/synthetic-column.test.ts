import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { readDataset } from "./dataset.ts";
import { parseSynthetic, realFilter, syntheticMarks } from "./synthetic-column.ts";
import { pngOf, writeFiles } from "./testing/fixtures.ts";

const setOf = (cells: readonly string[]) => ({
  root: "set",
  samples: cells.map((synthetic, i) => ({ fileName: `${i}.png`, label: "a", attributes: { synthetic } })),
});

test("0 and 1, no and yes, false and true are read in any case and with spaces around", () => {
  const cells = ["1", "0", "TRUE", "False", " yes ", "No"];
  expect(syntheticMarks(setOf(cells))).toEqual([true, false, true, false, true, false]);
  expect(syntheticMarks({ root: "set", samples: [{ fileName: "a.png", label: "", attributes: {} }] })).toEqual([null]);
  expect(["real", "synthetic", "2", "", "y", "constructor"].map(parseSynthetic)).toEqual(Array(6).fill(null));
  expect([realFilter(setOf(["1", "False"])), realFilter(setOf(["1"]))]).toEqual(["synthetic=False", "synthetic=0"]);
});

test("any other cell is an error, an empty one too, and all rows are listed", async () => {
  const cells = ["1", "real", " ", "x".repeat(150_000)];
  const error = await failure((async () => syntheticMarks(setOf(cells)))());
  expect(error.code).toBe("dataset");
  expect(error.problems.map(({ path }) => path)).toEqual(["row of 1.png", "row of 2.png", "row of 3.png"]);
  expect(error.message).toContain('the cell is "real"; write 1 (also true, yes)');
  expect(error.message).toContain("the cell is empty");
  expect(error.message).toContain("(150,000 characters)");
  expect(error.message.length).toBeLessThan(1500);
});

test("--where reads the column by its meaning", async () => {
  const root = await writeFiles(join(await temporaryFolder(), "set"), {
    "a.png": await pngOf(1),
    "b.png": await pngOf(2),
    "metadata.csv": "file_name,synthetic\na.png,True\nb.png,no\n",
  });
  for (const [filter, wanted] of [
    ["synthetic=0", "b.png"],
    ["synthetic=yes", "a.png"],
  ]) {
    const { samples } = await readDataset(root, { where: [filter!] });
    expect(samples.map(({ fileName }) => fileName)).toEqual([wanted]);
  }
});
