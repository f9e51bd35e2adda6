import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { silent } from "../../core/progress.ts";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { parseCsv } from "../../data/csv.ts";
import { dicomTool, missingDicomTools, parsePnm } from "../../dicom/testing/dicom-tools.ts";
import type { ReleaseContent } from "../package-writer.ts";
import { dicomFormat } from "./dicom-format.ts";
import { dicomOptionsSchema } from "./options.ts";
import { contentPixels, releaseContent } from "./testing/content.ts";

const root = await temporaryFolder();
const never = new AbortController().signal;
let count = 0;

async function written(content: ReleaseContent, format = dicomFormat()) {
  const folder = join(root, `release-${++count}`);
  await mkdir(folder);
  const said = await format.write(content, folder, { onProgress: silent, signal: never });
  return { folder, said };
}

async function filesOf(folder: string): Promise<Map<string, Buffer>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(files.sort().map((path) => readFile(path)));
  return new Map(files.map((path, i) => [path.slice(folder.length + 1), contents[i]!]));
}

test("writes an object an image, masks, and a table that names them all", async () => {
  const { folder, said } = await written(releaseContent());
  const files = await filesOf(folder);
  expect([...files.keys()]).toEqual([
    "images/class-1/000001.dcm",
    "images/class-1/000002.dcm",
    "images/melanoma/000001.dcm",
    "images/melanoma/000002.dcm",
    "masks/class-1/000002.png",
    "metadata.csv",
  ]);
  expect(Object.keys(said.contents)).toEqual(["images", "metadata.csv", "masks"]);
  const table = parseCsv(files.get("metadata.csv")!.toString(), "metadata.csv");
  const column = (name: string) => table.rows.map((row) => row[table.header.indexOf(name)]);
  expect(column("label")).toEqual(["melanoma", "naevus, blue", "melanoma", "naevus, blue"]);
  expect(column("seed")).toEqual(["40", "41", "42", "43"]);
  expect(column("tone")).toEqual(["", "III", "III", "III"]);
  expect(column("boxes")).toEqual(["", "", "", "1 2 10 12"]);
  expect(new Set(column("sop_instance_uid")).size).toBe(4);
  expect(new Set(column("study_instance_uid")).size).toBe(2);
  for (const [i, name] of column("file_name").entries()) {
    expect(files.get(name!)!.includes(column("sop_instance_uid")[i]!)).toBe(true);
  }
});

test("the same content gives the same bytes; another release has other UIDs", async () => {
  const once = await filesOf((await written(releaseContent())).folder);
  const again = await filesOf((await written(releaseContent())).folder);
  expect([...again]).toEqual([...once]);
  const table = (files: Map<string, Buffer>) => files.get("metadata.csv")!.toString();
  const uids = (files: Map<string, Buffer>) => [...table(files).matchAll(/2\.25\.\d+/g)].map(String);
  const coded = dicomFormat(
    dicomOptionsSchema.parse({ classes: { melanoma: { value: "2092003", scheme: "SCT", meaning: "Melanoma" } } }),
  );
  const others = [
    await written(releaseContent(3, { hash: "other" })),
    await written(releaseContent(3, { date: "2026-11-25" })),
    await written(releaseContent(), coded),
  ];
  for (const { folder } of others) {
    const own = uids(await filesOf(folder));
    expect(own.length).toBe(12);
    expect(own.filter((uid) => uids(once).includes(uid))).toEqual([]);
  }
});

test("a code for a class that is not there, and columns that are written anyway, are problems", () => {
  const code = { value: "1", scheme: "SCT", meaning: "x" };
  const format = dicomFormat(dicomOptionsSchema.parse({ classes: { melanom: code } }));
  const content = releaseContent();
  const images = content.images.map((image) => ({ ...image, attributes: { seed: "1" } }));
  images[1] = { ...images[1]!, height: 70000 };
  expect(format.check?.({ ...content, images })).toEqual([
    "dicom.classes.melanom of the config names no class of the release; the classes are melanoma, naevus, blue",
    "column seed has the name of one that is written here; rename or drop it",
    "images/class-1/000001.png has 24 x 70000 pixels; DICOM holds 65535 a side at most",
  ]);
  expect(dicomFormat().check?.(content)).toEqual([]);
});

test("ends between two images when it is told to", async () => {
  const options = { onProgress: silent, signal: AbortSignal.abort() };
  const error = await failure(dicomFormat().write(releaseContent(), join(root, "stopped"), options));
  expect(error.message).toBe("stopped; the release is not complete");
});

const skipped = missingDicomTools("a release in DICOM is not judged by others");
describe.skipIf(skipped).each([1, 3] as const)("a release of %d channels", (channels) => {
  test("is valid to dciodvfy, has the pixels, and one study and patient a class", async () => {
    const options = dicomOptionsSchema.parse({
      anatomicRegion: { value: "39937001", scheme: "SCT", meaning: "Skin" },
      classes: { melanoma: { value: "2092003", scheme: "SCT", meaning: "Melanoma" } },
    });
    const { folder } = await written(releaseContent(channels, { date: "2026-11-25" }), dicomFormat(options));
    const names = ["melanoma/000001", "class-1/000001", "melanoma/000002", "class-1/000002"];
    const studies = new Set<string>();
    for (const [index, name] of names.entries()) {
      const path = join(folder, "images", `${name}.dcm`);
      const judged = await dicomTool("dciodvfy", "-new", path);
      const errors = judged.said.split("\n").filter((line) => line.startsWith("Error"));
      expect(errors).toEqual([]);

      const window = channels === 1 ? ["+Wi", "1"] : [];
      expect((await dicomTool("dcmj2pnm", ...window, path, join(root, "image.pnm"))).code).toBe(0);
      const decoded = parsePnm(await readFile(join(root, "image.pnm")));
      expect(decoded).toEqual(contentPixels(index, channels));

      const { said } = await dicomTool("dcmdump", "+P", "0010,0020", "+P", "0020,000d", path);
      studies.add(said);
    }
    expect(studies.size).toBe(2);
  });
});
