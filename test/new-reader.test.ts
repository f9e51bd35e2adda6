import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test, vi } from "vitest";
import type { AuditFile } from "../src/audit/index.ts";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { Rng } from "../src/core/rng.ts";
import { failure, temporaryFolder } from "../src/core/testing/fixtures.ts";
import { readImageHeader } from "../src/data/image.ts";
import {
  contentHashes,
  datasetHash,
  placeOf,
  type RawImage,
  readDataset,
  readImage,
  recognise,
} from "../src/data/index.ts";
import { pngOf, writeFiles } from "../src/data/testing/fixtures.ts";
import { writeExtractor } from "../src/features/testing/lesions.ts";
import { phantomPlan, renderPhantom } from "../src/phantom/index.ts";
import { findFolders } from "../src/studio/server/find-folders.ts";
import { openDataset } from "../src/studio/server/opened-dataset.ts";
import { datasetPicture } from "../src/studio/server/picture.ts";
import { writeRaw } from "./testing/raw-reader.ts";

// The one line that a new kind of dataset adds to the registry.
vi.mock("../src/data/readers/registry.ts", async (original) => {
  const { READERS } = await original<typeof import("../src/data/readers/registry.ts")>();
  const { rawReader } = await import("./testing/raw-reader.ts");
  return { READERS: [...READERS, rawReader] };
});

const SIDE = 16;
const [TRAIN, HELD] = [60, 40];

let folder: string;
const at = (name: string) => join(folder, name);

/** Runs a command, which must succeed. @returns The object of `--json`. */
async function ran(...argv: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await callProgram([...argv, "--json", "--quiet"]);
  expect(code, err + out).toBe(0);
  return JSON.parse(out.slice(out.indexOf("{"))) as Record<string, unknown>;
}

/** An image with noise on it, so that no two are equal. */
function noisy(image: RawImage, rng: Rng): RawImage {
  return {
    ...image,
    data: image.data.map((value) => Math.max(0, Math.min(255, value + Math.floor(21 * rng.uniform()) - 10))),
  };
}

beforeAll(async () => {
  folder = await temporaryFolder();
  const rng = new Rng(7, "test");
  const specs = phantomPlan(TRAIN + HELD, 3);
  const images = specs.map((spec) => renderPhantom(spec, SIDE).image);
  const rows = specs.map(({ label }, i) => ({ label, split: i < TRAIN ? "train" : "test" }));
  await writeRaw(at("real"), images, rows);
  await writeRaw(
    at("drawn"),
    images.slice(0, TRAIN).map((image) => noisy(image, rng)),
    specs.slice(0, TRAIN).map(({ label }) => ({ label })),
  );
});

test("a place that it knows is recognised, with what speaks for it, and read before less certain kinds", async () => {
  // Class folders beside its files look like a dataset too.
  await writeFiles(at("real"), { "a/1.png": await pngOf(1) });
  expect(await recognise(await placeOf(at("real")))).toMatchObject({
    certainty: "marked",
    evidence: ["index.json", "images.raw"],
  });
  const dataset = await readDataset(at("real"), { where: ["split=test"] });
  expect(dataset.reader.name).toBe("raw");
  expect(dataset.notes.at(-1)).toBe(`${HELD} raw images`);
  const { width, height } = await readImage(dataset, 3);
  expect([width, height]).toEqual([SIDE, SIDE]);
  expect(new Set(await contentHashes(dataset)).size).toBe(HELD);
  const error = await failure(readImage(dataset, 0, { center: 1, width: 2 }));
  expect(error.message).toBe(`${TRAIN}: a window applies to 16-bit grey images, not to a raw file; leave it out`);
});

test("inspect and import", async () => {
  expect(await ran("inspect", at("real"))).toMatchObject({
    kind: "raw",
    images: TRAIN + HELD,
    sizes: [{ width: SIDE, height: SIDE, count: TRAIN + HELD }],
    splits: { train: TRAIN, test: HELD },
  });
  await ran("import", at("real"), at("copy"));
  const [source, copy] = [await readDataset(at("real")), await readDataset(at("copy"))];
  expect(copy.reader.name).toBe("imagefolder");
  expect(copy.samples[4]!.fileName).toBe("images/000005.png");
  expect((await readImage(copy, 4)).data).toEqual((await readImage(source, 4)).data);
});

test("train, evaluate and audit", { timeout: 300_000 }, async () => {
  await ran("train", at("real"), "--out", at("run"), "--resolution", String(SIDE), "--images", "64", "--threads", "1");
  const config = JSON.parse(await readFile(at("run/config.json"), "utf8")) as { dataset: { hash: string } };
  expect(config.dataset.hash).toBe(await datasetHash(await readDataset(at("real"), { where: ["split=train"] })));
  const features = `onnx:${await writeExtractor(folder)}`;
  await ran(
    "evaluate",
    "--real",
    at("real"),
    "--synthetic",
    at("drawn"),
    "--out",
    at("report"),
    "--features",
    features,
  );
  const sets = ["--train", at("real"), "--holdout", at("real"), "--synthetic", at("drawn")];
  await ran("audit", ...sets, "--run", at("run"), "--out", at("audit"), "--features", features);
  const audit = JSON.parse(await readFile(at("audit/audit.json"), "utf8")) as AuditFile;
  expect(audit.train).toEqual({ n: TRAIN, hash: config.dataset.hash });
  expect(audit.synthetic.n).toBe(TRAIN);
  // A file has no records of origin beside it, so nothing says that the run drew the images.
  expect(audit.tests.find(({ id }) => id === "run.generator")?.figures.share).toBeNull();
});

test("the studio finds it and shows its pictures", async () => {
  const found = await findFolders(folder);
  expect(found.datasets.map((path) => path.slice(path.lastIndexOf("/") + 1))).toEqual(
    expect.arrayContaining(["drawn", "real"]),
  );
  const opened = await openDataset(at("drawn"), false);
  expect(opened.name).toBe("drawn");
  const picture = await datasetPicture(opened, 0, "image", 8);
  expect(await readImageHeader(picture!)).toMatchObject({ format: "png", width: 8, height: 8 });
  expect(await datasetPicture(opened, 0, "mask", 8)).toBeNull();
});

/** Product files below `src`, as paths from it. */
async function productFiles(): Promise<{ path: string; text: string }[]> {
  const src = fileURLToPath(new URL("../src", import.meta.url));
  const paths = (await readdir(src, { recursive: true }))
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$|(^|\/)testing\//.test(path));
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(src, path), "utf8") })));
}

/** True where a text compares with the name of a kind of dataset, or tells a kind by the ending of a file. */
function testsForKind(text: string): boolean {
  return /reader\.name\s*[!=]==?|kind\s*[!=]==?\s*"imagefolder"|"(class-folders|npz)"|\\\.npz\$/.test(text);
}

test("a kind is named by its own file and one line of the registry: nothing else tests for it", async () => {
  const own = "data/readers/";
  const files = await productFiles();
  // What readers share, and what is no reader; all else below `readers` is a kind, or a part of one.
  const shared = ["reader.ts", "recognise.ts", "registry.ts", "image-files.ts", "link-note.ts"];
  const parts = files.filter(({ path }) => path.startsWith(own)).map(({ path }) => path.slice(own.length));
  const kinds = parts.filter((name) => !shared.includes(name));
  expect(kinds.sort()).toEqual([
    "class-folders.ts",
    "dicom.ts",
    "image-folder.ts",
    "npy.ts",
    "npz-arrays.ts",
    "npz.ts",
    "zip.ts",
  ]);

  const importing = (name: string) =>
    files
      .filter(({ text }) => text.includes(`readers/${name}"`) || text.includes(`"./${name}"`))
      .map(({ path }) => path);
  for (const name of ["class-folders.ts", "dicom.ts", "image-folder.ts", "npz.ts"]) {
    expect(importing(name), name).toEqual([`${own}registry.ts`]);
  }
  const registry = files.find(({ path }) => path === `${own}registry.ts`)?.text ?? "";
  for (const kind of ["classFolders", "dicom", "imageFolder", "npz"]) {
    expect(registry.match(new RegExp(`^  ${kind},`, "gm")), kind).toHaveLength(1);
  }

  const others = files.filter(({ path }) => !path.startsWith(own));
  expect(others.filter(({ text }) => testsForKind(text)).map(({ path }) => path)).toEqual([]);
  expect(testsForKind('if (dataset.kind === "npz") return []')).toBe(true);
  expect(testsForKind('if (dataset.reader.name !== "imagefolder") return')).toBe(true);
  expect(testsForKind("const ARCHIVE_NAME = /\\.npz$/i;")).toBe(true);
});
