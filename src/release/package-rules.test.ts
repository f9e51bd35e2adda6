import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { pngOf, writeFiles } from "../data/testing/fixtures.ts";
import { checkPackage } from "./package-rules.ts";

const folder = await temporaryFolder();
const PNG = await pngOf(1);

let packages = 0;
/** Codes of what is wrong with a package of these files. */
async function ruleCodes(files: Record<string, string | Uint8Array>, secrets: string[] = []): Promise<string[]> {
  const path = await writeFiles(join(folder, `package-${++packages}`), files);
  const found = await checkPackage(path, secrets).then(
    () => [],
    (error) => error.problems as { code: string }[],
  );
  return found.map(({ code }) => code);
}

test("a package of pictures, tables and cards passes", async () => {
  const files = {
    "README.md": "# Set\n[CC](https://creativecommons.org/licenses/by/4.0/), 1/2 and and/or, lr 1e-3 / step\n",
    "data/images/a/000001.png": PNG,
    "data/metadata.csv": "file_name,label\nimages/a/000001.png,a\n",
    "croissant.json":
      '{"regex": "^.*?data/(.+)$", "includes": "data/images/*/*.png", "url": "https://example.org/a/b"}',
    LICENSE: "SPDX-License-Identifier: MIT",
    "generator/generator.onnx": "weights",
    "objects/1.dcm": "DICM",
  };
  expect(await ruleCodes(files)).toEqual([]);
});

test.each([
  "see /home/jane/skin/images",
  '{"path":"/srv/clinic/a"}',
  "from C:\\Users\\jane",
  "file:///data/skin",
  "| /mnt/pacs/export |",
  "`/work/set/x.png`",
])("a path of a machine is found: %s", async (text) => {
  expect(await ruleCodes({ "README.md": text })).toEqual(["absolute-path"]);
});

test("names that must stay inside are found in any file but pictures", async () => {
  const secrets = ["ISIC_0012345"];
  expect(await ruleCodes({ "README.md": "near ISIC_0012345" }, secrets)).toEqual(["inside-name"]);
  expect(await ruleCodes({ "generator/generator.onnx": "..ISIC_0012345.." }, secrets)).toEqual(["inside-name"]);
  expect(await ruleCodes({ "README.md": "near ISIC_0012346" }, secrets)).toEqual([]);
});

test("files that no release has, hidden ones and links are found", async () => {
  for (const name of [
    "best.safetensors",
    "report.html",
    "generator.onnx",
    "data/.DS_Store",
    "audit/notes.txt",
    "a.jpg",
  ]) {
    expect(await ruleCodes({ [name]: "x" }), name).toEqual(["strange-file"]);
  }
  const path = await writeFiles(join(folder, "linked"), { "README.md": "x" });
  await symlink("/etc/hostname", join(path, "LICENSE"));
  expect((await failure(checkPackage(path, []))).problems.map(({ code }) => code)).toEqual(["strange-file"]);
});

test("pictures with words or bytes behind them are found", async () => {
  expect(await ruleCodes({ "a.png": Buffer.concat([PNG, Buffer.from("x")]) })).toEqual(["png-chunk"]);
  const end = PNG.length - 12;
  const text = Buffer.concat([
    PNG.subarray(0, end),
    Buffer.from("\0\0\0\x03tEXta\0b____", "latin1"),
    PNG.subarray(end),
  ]);
  expect(await ruleCodes({ "a.png": text })).toEqual(["png-chunk"]);
  expect(await ruleCodes({ "a.png": PNG.subarray(0, 40) })).toEqual(["png-chunk"]);
});
