// Tables and folders that inspect and import read by flags, and what import keeps of them.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../../data/dataset.ts";
import { readMask } from "../../data/pixels.ts";
import { pngOf, writeFiles } from "../../data/testing/fixtures.ts";
import { callProgram } from "../testing/call-program.ts";

const folder = await temporaryFolder();
const at = (name: string) => join(folder, name);
const json = async (path: string) => JSON.parse(await readFile(path, "utf8"));

async function ran(...argv: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await callProgram([...argv, "--json"]);
  expect(code, err + out).toBe(0);
  return JSON.parse(out);
}

test("what was said of a table is kept in dataset.json of the copy", async () => {
  const images = Object.fromEntries(
    await Promise.all([1, 2, 3].map(async (i) => [`pics/${i}.png`, await pngOf(i)] as const)),
  );
  const table =
    "Pic;Who;Kinds;Part;x;y;width;height\n1;p1;a|b;Train;1;1;4;4\n1;p1;a|b;Train;2;2;3;3\n2;p2;b;Test;;;;\n3;p2;none;Test;;;;\n";
  await writeFiles(at("src"), { ...images, "list.csv": table });
  const flags = ["--table", "list.csv", "--file", "Pic", "--label", "Kinds", "--patient", "Who", "--split", "Part"];
  expect(await ran("inspect", at("src"), ...flags, "--multi-label", "first")).toMatchObject({ images: 2 });
  await ran(
    "import",
    at("src"),
    at("out"),
    ...flags,
    "--boxes",
    "x,y,width,height",
    "--multi-label",
    "first",
    "--size",
    "4",
  );
  expect(await json(at("out/dataset.json"))).toMatchObject({
    label: "Kinds",
    patient: "Who",
    split: "Part",
    box: ["x_min", "y_min", "x_max", "y_max"],
  });
  const copy = await readDataset(at("out"));
  expect(copy.classes).toEqual(["a", "b"]);
  // 8 pixels became 4, and both boxes moved along.
  expect(copy.samples[0]).toMatchObject({
    patient: "p1",
    split: "train",
    attributes: { x_min: "0.5;1", x_max: "2.5;2.5", all_labels: "a|b" },
  });
});

test("classes that mean a missing label elsewhere are declared in the copy", async () => {
  await writeFiles(at("none"), {
    "1.png": await pngOf(1),
    "2.png": await pngOf(2),
    "metadata.csv": "file_name,dx\n1.png,None\n2.png,a\n",
  });
  await ran("import", at("none"), at("none-out"), "--missing", "");
  expect(await json(at("none-out/dataset.json"))).toMatchObject({ missing: [] });
  expect((await readDataset(at("none-out"))).classes).toEqual(["None", "a"]);
});

test("several masks of an image become one", async () => {
  const whole = {
    "a/1.png": await pngOf(1),
    "a/1_mask.png": await pngOf(2, 8, 8, 1),
    "a/1_mask_1.png": await pngOf(3, 8, 8, 1),
    "b/2.png": await pngOf(4),
  };
  await writeFiles(at("masks"), whole);
  const source = await readDataset(at("masks"));
  const mask = await readMask(source, 0);
  const [first, second] = await Promise.all(
    source.samples[0]!.moreMasks!.concat(source.samples[0]!.mask!).map((name) =>
      readMask({ ...source, samples: [{ ...source.samples[0]!, mask: name, moreMasks: [] }] }, 0),
    ),
  );
  expect([...mask!.data]).toEqual([...first!.data].map((value, i) => Math.max(value, second!.data[i]!)));
  expect(await ran("import", at("masks"), at("masks-out"))).toMatchObject({ images: 2, masks: 1 });
});

test("files that are missing or damaged are left out where that is asked for, else all are named", async () => {
  const good = await pngOf(1);
  await writeFiles(at("bad"), {
    "1.png": good,
    "2.png": good.subarray(0, 60),
    "metadata.csv": "file_name,dx\n1.png,a\n2.png,b\n3.png,b\n",
  });
  expect((await callProgram(["import", at("bad"), at("bad-out")])).err).toMatch(/3\.png.*--skip-damaged/);
  const { code, err } = await callProgram(["import", at("bad"), at("bad-out"), "--skip-damaged"]);
  expect(code, err).toBe(0);
  expect(err).toMatch(/1 row whose image is not there or empty is left out \(3\.png\)/);
  expect(err).toMatch(/2\.png: .*left out/);
  expect((await readDataset(at("bad-out"))).samples).toHaveLength(1);
});

test("flags of a table say nothing of an archive", async () => {
  await writeFiles(at("x"), { "a.npz": "x" });
  const { code, err } = await callProgram(["inspect", at("x/a.npz"), "--file", "id"]);
  expect([code, err]).toEqual([1, expect.stringContaining('there is no column "id" (--file) in an .npz')]);
});

test("rows are left out by filters, one an image or all of a value; DICOM and volumes have none", async () => {
  await writeFiles(at("filtered"), {
    "images/a=1.png": await pngOf(1),
    "images/b.png": await pngOf(2),
    "images/c.png": await pngOf(3),
    "metadata.csv": "file_name,label\nimages/a=1.png,x\nimages/b.png,x\nimages/c.png,y\n",
  });
  const without = ["--where", "file_name!=images/a=1.png"];
  expect(await ran("inspect", at("filtered"), ...without)).toMatchObject({ images: 2 });
  expect(await ran("import", at("filtered"), at("filtered-out"), ...without, "--where", "label=x")).toMatchObject({
    images: 1,
    perClass: { x: 1 },
  });
  expect((await readDataset(at("filtered-out"))).samples.map(({ attributes }) => attributes.source)).toEqual([
    "images/b.png",
  ]);
  const { code, err } = await callProgram(["import", at("filtered"), at("no"), "--where", "nothing=1"]);
  expect([code, err]).toEqual([1, expect.stringContaining('there is no column "nothing"')]);
  // By its name.
  await writeFiles(at("scans"), { "a.dcm": "DICM" });
  const scans = await callProgram(["import", at("scans"), at("no"), "--where", "label=x"]);
  expect([scans.code, scans.err]).toEqual([2, expect.stringContaining("--where is for folders of images")]);
});
