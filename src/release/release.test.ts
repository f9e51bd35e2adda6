import { execFileSync } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../core/hash.ts";
import { listFiles } from "../core/list-files.ts";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { decodePng, parseCsv, pixelHash, readDataset } from "../data/index.ts";
import { verifyRelease } from "./checksums.ts";
import { strangeChunks } from "./png-chunks.ts";
import {
  CONFIG,
  edit,
  PER_CLASS,
  releaseCase,
  writeAudit,
  writeCase,
  writeMapCase,
  writeMetrics,
} from "./testing/case.ts";

let folder: string;
const at = (name: string) => join(folder, name);
const text = (path: string) => readFile(at(path), "utf8");

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeCase(at("noise"));
  await writeMapCase(at("maps"));
});

/** What a loader of Hugging Face `imagefolder` makes of a folder: rows of the table with the files that they name. */
async function loadImageFolder(path: string) {
  const { header, rows, problems } = parseCsv(await readFile(join(path, "metadata.csv"), "utf8"), "metadata.csv");
  expect(problems).toEqual([]);
  expect(header[0]).toBe("file_name");
  const files = header.flatMap((name, i) => (name === "file_name" || name.endsWith("_file_name") ? [i] : []));
  return Promise.all(
    rows.map(async (cells) => {
      const pictures = await Promise.all(files.map(async (i) => decodePng(await readFile(join(path, cells[i]!)))));
      return { pictures, row: Object.fromEntries(header.map((name, i) => [name, cells[i]])) };
    }),
  );
}

describe("a set that the gate lets through", () => {
  test("is loaded as an image folder, pixel for pixel what was generated", async () => {
    const made = await releaseCase(at("noise"), { out: at("plain") });
    expect(made).toMatchObject({
      images: 2 * PER_CLASS,
      classes: { melanoma: PER_CLASS, nevus: PER_CLASS },
      license: "CC0-1.0",
    });
    const loaded = await loadImageFolder(at("plain/data"));
    expect(loaded).toHaveLength(2 * PER_CLASS);
    for (const { pictures, row } of loaded) {
      expect(Object.keys(row)).toEqual(["file_name", "label", "synthetic"]);
      expect(row.file_name).toContain(`/${row.label}/`);
      const before = await decodePng(await readFile(at(`noise/set/${row.file_name}`)));
      expect(pixelHash(pictures[0]!)).toBe(pixelHash(before));
    }
    const own = await readDataset(at("plain/data"));
    expect([own.classes, own.notes, own.license]).toEqual([["melanoma", "nevus"], [], "CC0-1.0"]);
  });

  test("holds nothing that is not listed here, and pictures of pixels alone", async () => {
    const names = (await listFiles(at("plain"))).map(({ name }) => name);
    expect(names.filter((name) => !/^data\/images\/(melanoma|nevus)\/00000\d\.png$/.test(name))).toEqual([
      "LICENSE",
      "README.md",
      "SHA256SUMS",
      "croissant.json",
      "data/dataset.json",
      "data/metadata.csv",
      "provenance.json",
    ]);
    for (const name of names.filter((name) => name.endsWith(".png"))) {
      expect(strangeChunks(await readFile(at(`plain/${name}`)))).toEqual([]);
    }
  });

  test("has sums that sha256sum and verify accept", async () => {
    const said = execFileSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], {
      cwd: at("plain"),
      encoding: "utf8",
    });
    expect(said.trim().split("\n")).toHaveLength((await listFiles(at("plain"))).length - 1);
    const { fingerprint } = await verifyRelease(at("plain"));
    expect(fingerprint).toBe(sha256(await readFile(at("plain/SHA256SUMS"))));
  });

  test("gives the same bytes again, in another folder, from a copy of the inputs", async () => {
    const first = await releaseCase(at("noise"), { out: at("first"), run: at("noise/run") });
    await cp(at("noise"), at("elsewhere"), { recursive: true });
    const second = await releaseCase(at("elsewhere"), { out: at("second"), run: at("elsewhere/run") });
    expect(second.fingerprint).toBe(first.fingerprint);
    expect(await text("second/SHA256SUMS")).toBe(await text("first/SHA256SUMS"));
  });

  test("says how each image was made, and nothing of score or path", async () => {
    const made = JSON.parse(await text("plain/provenance.json"));
    expect(made).toMatchObject({
      schema: 1,
      synthetic: true,
      audited: { copiesRemoved: 0, redrawn: false, withoutRun: expect.stringContaining("--without-run") },
    });
    expect(made.images).toHaveLength(2 * PER_CLASS);
    expect(Object.keys(made.images[0])).toEqual(["file_name", "class", "seed", "sampler", "device"]);
  });
});

test("a release without its run says so in its card, one with it says what was shown", async () => {
  const without = await text("plain/README.md");
  expect(without).toContain("**Released without the run (--without-run): the images were not drawn again");
  const drawn = await text("first/README.md");
  expect(drawn).toContain("Every image was drawn again by the generator");
  expect(drawn).not.toContain("--without-run");
  const { audited } = JSON.parse(await text("first/provenance.json"));
  expect([audited.redrawn, "withoutRun" in audited]).toEqual([true, false]);
});

describe("a set of filled maps", () => {
  test("leaves with masks, boxes and tones, in the table and in COCO's format", async () => {
    await releaseCase(at("maps"), { out: at("filled"), run: at("maps/run") });
    const loaded = await loadImageFolder(at("filled/data"));
    for (const { pictures, row } of loaded) {
      expect(Object.keys(row).slice(0, 6)).toEqual([
        "file_name",
        "mask_file_name",
        "label",
        "synthetic",
        "tone",
        "tone_estimated",
      ]);
      expect(pictures[1]).toMatchObject({ width: 16, height: 16, channels: 1 });
    }
    const coco = JSON.parse(await text("filled/data/coco.json"));
    const before = JSON.parse(await text("maps/set/coco.json"));
    expect(coco.images).toEqual(before.images);
    expect(coco.annotations).toEqual(before.annotations);
    expect(coco.categories).toEqual(before.categories);
  });

  test("has a card that says where regions came from", async () => {
    expect(await text("filled/README.md")).toContain("They were moved from the positions of lesions in real images");
    expect(await text("plain/README.md")).not.toContain("They were moved from");
  });

  test("does not say which image its maps were taken from", async () => {
    for (const { name } of await listFiles(at("filled"))) {
      expect((await readFile(at(`filled/${name}`))).includes("ISIC_00"), name).toBe(false);
    }
  });
});

describe("copies", () => {
  const copy = { train: "skin/ISIC_0012345.jpg", space: "pixel", transform: "none", distance: 0, threshold: 1 };

  test("are left out and counted, their row and their seed too", async () => {
    await cp(at("noise"), at("copied"), { recursive: true });
    await writeAudit(at("copied/audit"), at("copied/set"), {
      copies: [{ ...copy, synthetic: "images/nevus/000002.png" }],
      findings: [{ test: "copies.pixel", scope: "all", severity: "critical", title: "One is ISIC_0012345.", text: "" }],
    });
    const made = await releaseCase(at("copied"), { out: at("less") });
    expect([made.removed, made.images]).toEqual([["images/nevus/000002.png"], 2 * PER_CLASS - 1]);
    for (const name of ["data/metadata.csv", "provenance.json", "SHA256SUMS"]) {
      expect(await text(`less/${name}`)).not.toContain("nevus/000002.png");
    }
    expect(await text("less/README.md")).toMatch(/It found 1 copy of training images; it was\s+removed/);
    for (const { name } of await listFiles(at("less"))) {
      expect((await readFile(at(`less/${name}`))).includes("ISIC_0012345"), name).toBe(false);
    }
  });

  test("are counted apart from images that a person leaves out, of which the card says how many", async () => {
    await writeFile(at("odd.txt"), "images/melanoma/000003.png\r\nimages/nevus/000002.png\n\n");
    const made = await releaseCase(at("copied"), { out: at("chosen"), leaveOut: at("odd.txt") });
    expect([made.removed, made.leftOut, made.images]).toEqual([
      ...[["images/nevus/000002.png"], ["images/melanoma/000003.png"], 2 * PER_CLASS - 2],
    ]);
    expect(await text("chosen/data/metadata.csv")).not.toContain("melanoma/000003.png");
    const card = await text("chosen/README.md");
    expect(card).toMatch(/It found 1 copy of training images/);
    expect(card).toContain("1 image was left out by choice");
    await writeFile(at("odd.txt"), "images/melanoma/000003.png\nimages/nevus/000099.png\n../secret\n");
    const error = await failure(releaseCase(at("copied"), { leaveOut: at("odd.txt") }));
    expect([error.code, error.problems.map(({ path }) => path)]).toEqual([
      ...["usage", [`${at("odd.txt")}:2`, `${at("odd.txt")}:3`]],
    ]);
  });

  test("above their share condemn the whole set", async () => {
    const copies = [1, 2].map((i) => ({ ...copy, synthetic: `images/nevus/00000${i}.png` }));
    await writeAudit(at("copied/audit"), at("copied/set"), { copies });
    const error = await failure(releaseCase(at("copied")));
    expect([error.code, error.exitCode]).toEqual(["refused", 3]);
    expect(error.problems.map(({ code }) => code)).toEqual(["copies", "few-images"]);
    expect(error.message).toMatch(/2 of 12 images \(16.7 %\) are copies of training images, more than 10 %/);
  });
});

describe("the cards", () => {
  test("show figures with intervals and floors, the audit, and what is promised to whom", async () => {
    await cp(at("noise"), at("private"), { recursive: true });
    await writeMetrics(at("private/metrics"), at("private/set"));
    const { generator } = JSON.parse((await text("private/set/provenance.jsonl")).split("\n")[0]!);
    const differentialPrivacy = {
      epsilon: 7.99,
      delta: 1e-5,
      unit: "one patient of at most 4 images",
      accountant: "RDP",
    };
    await writeAudit(at("private/audit"), at("private/set"), { run: { generator, differentialPrivacy } });
    const config = { ...CONFIG, creator: "A clinic", url: "https://example.org/set", date: "2026-01-02" };
    const made = await releaseCase(at("private"), {
      out: at("carded"),
      config,
      metrics: at("private/metrics"),
      withGenerator: at("private/run"),
      license: "cc by 4.0",
    });
    expect(made.notes).toEqual([
      "the dataset states the licence CC0-1.0, the release CC-BY-4.0: see that the first allows the second",
      "every image was drawn again and is released as it was drawn here; the set agreed with it in every pixel",
      expect.stringMatching(/not compared with the training images .*: --train DATASET does it/),
    ]);
    const card = await text("carded/README.md");
    expect(card).toContain("## Quality\n\n**The synthetic images resemble part of the real images.**\n");
    expect(card).toMatch(/^---\npretty_name: "?ganglion-[0-9a-f]{8}"?\nlicense: "?cc-by-4.0"?\n/);
    expect(card).toMatch(/configs:\n {2}- config_name: set-[0-9a-f]{12}\n {4}data_files:\n {6}- split: train\n/);
    expect(card).toContain("path:\n          - data/metadata.csv\n          - data/images/**\n");
    expect(card).toMatch(/\| FID \| 0.5 \(0.45 to 0.55\) \| 0.25 \|/);
    expect(card).toMatch(
      /epsilon 7.99, delta 0.00001.*the protected unit is one patient of at most 4 images; the accountant is RDP/,
    );
    expect(card).toMatch(/`membership.domias` \| all \| 12 \| auc 0.5 \(0.45 to 0.55\)/);
    for (const words of ["None is of a patient", "Not intended for: diagnosis", "A clinic", "2026-01-02"]) {
      expect(card).toContain(words);
    }
    const model = await text("carded/generator/README.md");
    expect(model).toContain("this is a model of patients");
    expect(sha256(await readFile(at("carded/generator/generator.onnx")))).toBe(generator);
    expect((await listFiles(at("carded/generator"))).map(({ name }) => name)).toEqual(["README.md", "generator.onnx"]);
  });
});

test("a release is whole or not there, and no input is written to", async () => {
  const inside = await failure(releaseCase(at("noise"), { out: at("noise/set/out") }));
  expect([inside.code, inside.message]).toEqual(["usage", expect.stringContaining("lies in")]);
  const full = await failure(releaseCase(at("noise"), { out: at("maps") }));
  expect(full.message).toMatch(/not empty/);
  const config = { ...CONFIG, description: "Copied from /srv/clinic/images" };
  const leaky = await failure(releaseCase(at("noise"), { out: at("leaky"), config }));
  expect(leaky.problems.map(({ code }) => code)).toEqual(["absolute-path"]);
  const left = (await listFiles(folder)).filter(({ name }) => /leaky|\.tmp/.test(name));
  expect(left).toEqual([]);
});

test("a set without a licence needs one to be said", async () => {
  await cp(at("noise"), at("free"), { recursive: true });
  await edit(at("free/set/dataset.json"), (json) => json.replace(/"license": "CC0-1.0",/, ""));
  const error = await failure(releaseCase(at("free")));
  expect([error.code, error.message]).toEqual(["usage", expect.stringContaining("--license")]);
  expect((await releaseCase(at("free"), { license: "LicenseRef-Clinic" })).license).toBe("LicenseRef-Clinic");
});
