// Tables that are packed by gzip, as PhysioNet publishes them.
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../dataset.ts";
import { pngOf, writeFiles } from "../testing/fixtures.ts";
import { unpackStart, unpackWhole } from "./unpack.ts";

const folder = await temporaryFolder();
const png = await pngOf(1);
let made = 0;
const tree = (files: Record<string, string | Uint8Array>) => writeFiles(join(folder, String(made++)), files);
const ids = ["02aa804e", "174413ec", "2a2277a9"];
const images = Object.fromEntries(ids.map((id, i) => [`files/p10/p1000003${i}/s5041426${i}/${id}.jpg`, png]));

test("MIMIC-CXR-JPG as it is downloaded: packed tables of findings, splits and metadata", async () => {
  const rows = (row: (id: string, i: number) => string) => ids.map(row).join("\n");
  const set = await readDataset(
    await tree({
      ...images,
      "mimic-cxr-2.0.0-chexpert.csv.gz": gzipSync(
        "subject_id,study_id,Atelectasis,Cardiomegaly,No Finding\n10000030,50414260,,,1.0\n10000031,50414261,1.0,,\n10000032,50414262,,1.0,\n",
      ),
      "mimic-cxr-2.0.0-split.csv.gz": gzipSync(
        `dicom_id,study_id,subject_id,split\n${rows((id, i) => `${id},5041426${i},1000003${i},${i < 2 ? "train" : "validate"}`)}\n`,
      ),
      "mimic-cxr-2.0.0-metadata.csv.gz": gzipSync(
        `dicom_id,subject_id,study_id,ViewPosition\n${rows((id, i) => `${id},1000003${i},5041426${i},PA`)}\n`,
      ),
    }),
  );
  expect(
    set.samples.map(({ label, split, patient, attributes }) => [label, split, patient, attributes.ViewPosition]),
  ).toEqual([
    ["No Finding", "train", "10000030", "PA"],
    ["Atelectasis", "train", "10000031", "PA"],
    ["Cardiomegaly", "val", "10000032", "PA"],
  ]);
});

test.each([
  ["t.tsv.gz", "image\tdx\n02aa804e\tnv\n174413ec\tmel\n2a2277a9\tnv\n"],
  ["t.jsonl.gz", ids.map((image, i) => JSON.stringify({ image, dx: i === 1 ? "mel" : "nv" })).join("\n")],
])("%s, named with --table too", async (name, text) => {
  // Two members one after the other, as `cat a.gz b.gz` makes them.
  const half = text.indexOf("\n") + 1;
  const packed = Buffer.concat([gzipSync(text.slice(0, half)), gzipSync(text.slice(half))]);
  const root = await tree({ ...images, [name]: packed });
  for (const options of [{}, { table: name }])
    expect((await readDataset(root, options)).samples.map(({ label }) => label)).toEqual(["nv", "mel", "nv"]);
});

test("the split of packed tables is that of their names", async () => {
  const set = await readDataset(
    await tree({
      ...images,
      "train.csv.gz": gzipSync("image,dx\n02aa804e,nv\n174413ec,mel\n"),
      "valid.csv.gz": gzipSync("image,dx\n2a2277a9,nv\n"),
    }),
  );
  expect(set.samples.map(({ split }) => split)).toEqual(["train", "train", "val"]);
});

describe("what is no whole table is an error that names it", () => {
  const rows = Array.from({ length: 3000 }, (_, i) => `${ids[i % 3]},nv,${(i * 7919) % 10007}`);
  const whole = gzipSync(`image,dx,n\n${rows.join("\n")}`);
  const flipped = Uint8Array.from(whole);
  flipped[whole.length >> 1]! ^= 0xff;
  test.each<[string, Uint8Array | string, RegExp]>([
    ["cut short", whole.subarray(0, whole.length - 40), /damaged or cut short .*download it again/],
    ["damaged", flipped, /damaged or cut short/],
    ["not packed", "image,dx\n02aa804e,nv\n", /is not packed by gzip, as its name says; rename it/],
    ["a web page", "<!doctype html><html>", /this is a web page/],
    ["a pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n", /pointer of Git LFS.*git lfs pull/],
    ["empty", "", /an empty file/],
  ])("%s", async (_, bytes, message) => {
    const root = await tree({ ...images, "t.csv.gz": bytes });
    for (const options of [{}, { table: "t.csv.gz" }]) {
      const error = await failure(readDataset(root, options));
      expect([error.code, error.message]).toEqual(["dataset", expect.stringMatching(message)]);
      expect(error.message).toContain("t.csv.gz");
    }
  });

  test("one that unpacks to more than is read, and its beginning, without unpacking all of it", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20, "a,b\n"));
    expect((await failure(unpackWhole(bomb, "t.csv.gz", 2 ** 20))).message).toMatch(/longer than 1 MiB/);
    expect(await unpackStart(bomb, "t.csv.gz", 1000)).toHaveLength(1000);
    expect(await unpackWhole(bomb, "t.csv.gz", 64 * 2 ** 20)).toHaveLength(64 * 2 ** 20);
  });
});
