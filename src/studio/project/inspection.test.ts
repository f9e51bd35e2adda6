import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../../data/dataset.ts";
import { encodePng } from "../../data/image.ts";
import { inspectDataset } from "../../data/inspect.ts";
import { writePhantom } from "../../phantom/write.ts";
import { openWorkspace } from "../server/workspace.ts";
import { previewOf } from "./found-columns.ts";
import { inspectionSummary } from "./inspection.ts";

const root = await temporaryFolder();
const folder = join(root, "skin");

beforeAll(async () => {
  await writePhantom(folder, { count: 20, size: 16, seed: 1 });
  const table = join(folder, "metadata.csv");
  const [head, ...rows] = (await readFile(table, "utf8")).trim().split(/\r?\n/);
  const names = rows.map((row) => row.split(",")[0]!);
  await copyFile(join(folder, names[0]!), join(folder, "images/copy.png"));
  await writeFile(
    join(folder, "images/flat.png"),
    await encodePng({ width: 16, height: 16, channels: 3, data: new Uint8Array(768) }),
  );
  await writeFile(join(folder, "images/bad.png"), "no picture");
  const more = ["copy", "flat", "bad"].map((name) => rows[0]!.replace(names[0]!, `images/${name}.png`));
  await writeFile(table, `${[head, ...rows, ...more].join("\n")}\n`);
});

test("an inspection numbers images as in the dataset that is open, and names only files that cannot be read", async () => {
  const dataset = await readDataset(folder);
  const result = JSON.parse(JSON.stringify(await inspectDataset(dataset, { skipDamaged: true })));
  const found = inspectionSummary(result, dataset)!;
  const exact = found.repeats.filter(({ kind }) => kind === "exact");
  expect(exact).toHaveLength(1);
  expect(exact[0]!.images.map(({ index }) => dataset.samples[index!]!.fileName).sort()).toEqual(
    [dataset.samples[0]!.fileName, "images/copy.png"].sort(),
  );
  expect(found.flatImages.map((index) => dataset.samples[index]!.fileName)).toEqual(["images/flat.png"]);
  expect(found.problems).toEqual([
    expect.objectContaining({
      path: "images/bad.png",
      index: dataset.samples.findIndex(({ fileName }) => fileName === "images/bad.png"),
    }),
  ]);
  expect(found).toMatchObject({ damaged: 1, flat: 1, exactDuplicates: 1, images: 22, partsNotSearched: null });
  const { problems: _, ...others } = found;
  for (const { fileName, patient } of dataset.samples) {
    expect(JSON.stringify(others)).not.toContain(fileName);
    if (patient !== undefined) expect(JSON.stringify(others)).not.toContain(`"${patient}"`);
  }
  // Where the dataset is not open any more there are no numbers, and no guess at them.
  expect(inspectionSummary(result, null)!.repeats[0]!.images.every(({ index }) => index === null)).toBe(true);
  expect(inspectionSummary({ images: 1 }, dataset)).toBeNull();
});

test("what was not looked for is part of the summary, with the command where there was one", async () => {
  const dataset = await readDataset(folder);
  const result = await inspectDataset(dataset, { skipDamaged: true, mostSearched: 10 });
  const notSearched = { images: 22, why: "many", most: 10, coreSeconds: 1, command: null };
  expect(inspectionSummary(result, dataset)!.partsNotSearched).toEqual(notSearched);
  const command = "ganglion inspect skin --parts";
  const said = { ...result, partsNotSearched: { ...result.partsNotSearched, command } };
  expect(inspectionSummary(said, dataset)!.partsNotSearched).toEqual({ ...notSearched, command });
});

test("columns say where they come from and why; another can be chosen; what cannot be read is a list", async () => {
  const workspace = await openWorkspace({ path: folder, version: "0", note: () => undefined });
  const byRole = async (read: object) => {
    const { columns } = await previewOf(workspace, folder, read);
    return Object.fromEntries(columns.map((column) => [column.role, column]));
  };
  expect(await byRole({})).toMatchObject({
    label: { why: "stated", filled: 23 },
    patient: { why: "stated", examples: [] },
    mask: { examples: [] },
  });
  await writeFile(join(folder, "dataset.json"), "{}");
  const guessed = await byRole({});
  expect(guessed).toMatchObject({ label: { why: "name" }, patient: { why: "name", examples: [] } });
  const other = guessed.patient!.column!;
  expect(await byRole({ label: other })).toMatchObject({ label: { column: other, why: "chosen" } });
  const table = join(folder, "metadata.csv");
  const text = await readFile(table, "utf8");
  await writeFile(table, text.replace("images/copy.png", "images/nowhere.png"));
  const preview = await previewOf(workspace, folder, {});
  expect(preview).toMatchObject({
    id: null,
    problems: [expect.objectContaining({ message: expect.stringContaining("nowhere") })],
  });
  expect((await previewOf(workspace, folder, { skipDamaged: true })).images).toBe(22);
  await writeFile(table, text);
});
