import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import type { Dataset } from "../../data/types.ts";
import { problemsBeside, withRows } from "./found-problems.ts";

const problem = (path: string, code = "damaged-image") => ({ code, path, message: "no" });

test("a problem stands beside its image: by the image's name, that of a mask, or that of its row", () => {
  const samples = [{ fileName: "a.png" }, { fileName: "b.png", mask: "b-1.png", moreMasks: ["b-2.png"] }];
  const found = problemsBeside(
    [
      problem("a.png"),
      problem("b.png", "tone"),
      problem("b-1.png"),
      problem("b-2.png"),
      problem("row of a.png", "synthetic-value"),
      problem("c.png"),
    ],
    { samples } as unknown as Dataset,
  );
  expect(found.map(({ index, decodes }) => [index, decodes])).toEqual([
    [0, false],
    [1, true],
    [1, true],
    [1, true],
    [0, true],
    [null, false],
  ]);
});

test("a problem of a row stands beside its cells, none of which names a person", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "tables"));
  const table = ["file_name,patient_id,label", "a.png,P1,x", "gone.png,P2,y", "cut.png"];
  await writeFile(join(folder, "tables/metadata.csv"), table.join("\n"));
  const paths = ["tables/metadata.csv:3", "tables/metadata.csv:4", "tables/metadata.csv:1", "elsewhere.csv:2", "a.png"];
  const found = await withRows(
    problemsBeside(
      paths.map((path) => problem(path, "missing-image")),
      null,
    ),
    folder,
  );
  expect(found.map(({ row }) => row?.map(({ column, cell }) => `${column}=${cell}`) ?? null)).toEqual([
    ["file_name=gone.png", "label=y"],
    ["file_name=cut.png", "label="],
    null,
    null,
    null,
  ]);
  // No table outside of the folder.
  expect(await withRows(problemsBeside([problem("../metadata.csv:2")], null), join(folder, "tables"))).toMatchObject([
    { row: null },
  ]);
});

test("a table that is packed has its rows, one that is no text by now has none", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "packed.csv.gz"), gzipSync("file_name,label\na.png,x\n"));
  await writeFile(join(folder, "binary.csv"), Buffer.from([0, 1, 2, 0xff, 3, 0, 9]));
  await writeFile(join(folder, "damaged.csv.gz"), gzipSync("file_name,label\na.png,x\n").subarray(0, 12));
  const found = await withRows(
    problemsBeside(
      ["packed.csv.gz:2", "binary.csv:2", "damaged.csv.gz:2"].map((path) => problem(path)),
      null,
    ),
    folder,
  );
  expect(found.map(({ row }) => row?.map(({ cell }) => cell) ?? null)).toEqual([["a.png", "x"], null, null]);
});
