// DICOM where people expect a dataset: the hint is a command that works, and folders and tables give the labels.
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../../data/dataset.ts";
import { buildDicom, greyElements } from "../../data/dicom/testing/dicom-files.ts";
import { pngOf, writeFiles } from "../../data/testing/fixtures.ts";
import { callProgram } from "../testing/call-program.ts";

const folder = await temporaryFolder();
const at = (name: string) => join(folder, name);
const picture = (i: number) =>
  buildDicom(
    greyElements(2, 2, Uint8Array.of(i, 1, 2, 3), [
      [0x00080018, "UI", `1.2.${i}`],
      [0x00100020, "LO", `P${i}`],
      [0x0020000d, "UI", `1.3.${i}`],
    ]),
  );

/** The command that a message ends with, as the arguments of a shell. */
function hinted(text: string): string[] {
  const [, command] = /ganglion (import .*?)(?: \[|;|$)/m.exec(text)!;
  return [...command!.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

test.each([
  ["with endings", ".dcm"],
  ["without endings", ""],
])("class folders %s: inspect says the whole command, which keeps the classes", async (_, ending) => {
  const name = `my scans${ending}`;
  await writeFiles(at(name), {
    [`benign/1${ending}`]: picture(1),
    [`benign/2${ending}`]: picture(2),
    [`malignant/3${ending}`]: picture(3),
  });
  const { code, err } = await callProgram(["inspect", at(name)]);
  expect(code).toBe(1);
  const command = hinted(err);
  expect(command).toEqual(["import", at(name), `${at(name)}-dataset`, "--label", "folder"]);
  const done = await callProgram(command);
  expect(done.code, done.err).toBe(0);
  expect((await readDataset(`${at(name)}-dataset`)).classes).toEqual(["benign", "malignant"]);
});

test("classes below splits are named by their level, and an import without them says so", async () => {
  await writeFiles(at("splits"), {
    "set/train/a/1.dcm": picture(1),
    "set/train/b/2.dcm": picture(2),
    "set/test/a/3.dcm": picture(3),
    "set/test/b/4.dcm": picture(4),
  });
  const command = hinted((await callProgram(["inspect", at("splits")])).err);
  expect(command.slice(-2)[0]).toBe("--label");
  expect((await callProgram(command)).code).toBe(0);
  expect((await readDataset(`${at("splits")}-dataset`)).classes).toEqual(["a", "b"]);
  const plain = await callProgram(["import", at("splits"), at("plain")]);
  expect(plain.err).toContain(`may be the classes: --label ${command.at(-1)}`);
  const wrong = await callProgram(["import", at("splits"), at("x"), "--label", "folder_9"]);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("there is no such level of folders")]);
});

test("a download of TCIA with its own metadata.csv is DICOM, and labels join from the command line", async () => {
  await writeFiles(at("tcia"), {
    "metadata.csv": "Series UID,Collection,File Location\n1.9,LUNG,./LUNG/P-1\n",
    "LUNG/P-1/1.dcm": picture(1),
    "LUNG/P-1/2.dcm": picture(2),
  });
  await writeFiles(folder, { "labels.csv": "SOPInstanceUID,finding\n1.2.1,nodule\n1.2.2,clear\n" });
  const { code, err } = await callProgram(["import", at("tcia"), at("tcia-out"), "--labels", at("labels.csv")]);
  expect(code, err).toBe(0);
  expect((await readDataset(at("tcia-out"))).classes).toEqual(["clear", "nodule"]);
});

test("DICOM and images of one collection, as of SIIM-ISIC: none is taken by itself, and the flag settles it", async () => {
  const ids = [1, 2, 3];
  await writeFiles(at("both"), {
    ...Object.fromEntries(ids.map((i) => [`train/I_${i}.dcm`, picture(i)])),
    ...Object.fromEntries(await Promise.all(ids.map(async (i) => [`jpeg/I_${i}.png`, await pngOf(i)] as const))),
    "train.csv": `image_name,diagnosis\n${ids.map((i) => `I_${i},${i % 2 ? "nv" : "mel"}`).join("\n")}\n`,
  });
  const both = await callProgram(["import", at("both"), at("both-out")]);
  expect([both.code, both.err]).toEqual([
    2,
    expect.stringMatching(/3 DICOM files and 3 images.*--table FILE.*--keep-ids/),
  ]);
  const images = await callProgram(["import", at("both"), at("both-images"), "--table", "train.csv"]);
  expect(images.code, images.err).toBe(0);
  expect((await readDataset(at("both-images"))).classes).toEqual(["mel", "nv"]);
  const plan = await callProgram(["import", at("both"), "--plan", "--table", "train.csv"]);
  await writeFiles(folder, { "both.jsonc": plan.out });
  const mapped = await callProgram(["import", at("both"), at("both-mapped"), "--mapping", at("both.jsonc")]);
  expect([mapped.code, (await readDataset(at("both-mapped"))).classes]).toEqual([0, ["mel", "nv"]]);
  const dicom = await callProgram(["import", at("both"), at("both-dicom"), "--keep-ids"]);
  expect(dicom.code, dicom.err).toBe(0);
  // One picture beside many files of DICOM is a stray.
  await writeFiles(at("stray"), {
    ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((i) => [`${i}.dcm`, picture(i)])),
    "cover.png": await pngOf(1),
  });
  expect((await callProgram(["import", at("stray"), at("stray-out")])).code).toBe(0);
});

test("--labels is for DICOM alone", async () => {
  await writeFiles(at("photos"), { "a/1.png": await pngOf(1), "b/2.png": await pngOf(2) });
  const { code, err } = await callProgram(["import", at("photos"), at("y"), "--labels", at("labels.csv")]);
  expect([code, err]).toEqual([2, expect.stringContaining("--table FILE")]);
});
