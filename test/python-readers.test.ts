import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { decodePng, encodePng, parseCsv, withChannels } from "../src/data/index.ts";
import { noise } from "../src/data/testing/fixtures.ts";
import { dermganSizes, designDermgan, LATENT_KINDS } from "../src/model/dermgan/architecture.ts";
import { dermganGeneratorLayout } from "../src/model/dermgan/generator.ts";
import { initialise, openGenerator } from "../src/model/index.ts";
import { openMapGenerator, writeMapGenerator } from "../src/model/map-generator-file.ts";
import { writeTestRun } from "../src/model/testing/run.ts";
import { modelCard } from "../src/release/card/model-card.ts";
import { releaseContent } from "../src/release/dicom/testing/content.ts";
import { CONFIG, releaseCase, writeCase, writeMapCase, writeMetrics } from "../src/release/testing/case.ts";
import { EventWriter } from "../src/train/tensorboard.ts";
import { missingPython, python, readByPython } from "./testing/python.ts";

// What is written is opened by the programs that people open it with: see scripts/python-readers.mjs.

const missing = missingPython(
  "what is written is not opened by load_dataset, mlcroissant, TensorBoard, pydicom and others",
);
const root = await temporaryFolder();
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const config = { ...CONFIG, creator: "A clinic", url: "https://example.org/set", date: "2026-01-02" };

/** What a Python program says of a picture. */
interface Picture {
  readonly mode: string;
  readonly size: readonly [number, number];
  readonly sha256: string;
}
type Row = Record<string, string | number | null | Picture>;

/** Releases as image folders, by kind: what was drawn, how it is released. */
const KINDS = ["rgb", "grey", "masks", "with generator", "words", "numbers"] as const;
type Kind = (typeof KINDS)[number];
const release = (kind: Kind) => join(root, kind, "out");

/**
 * The table of a release, with the pixels of its pictures as our own decoder reads them.
 * @param colour Grey ones as colours, as mlcroissant gives them.
 */
async function rowsOf(kind: Kind, colour = false): Promise<Row[]> {
  const data = join(release(kind), "data");
  const { header, rows } = parseCsv(await readFile(join(data, "metadata.csv"), "utf8"), "metadata.csv");
  const picture = async (name: string): Promise<Picture> => {
    const decoded = await decodePng(await readFile(join(data, name)));
    const { width, height, channels, data: pixels } = colour ? withChannels(decoded, 3) : decoded;
    return { mode: channels === 1 ? "L" : "RGB", size: [width, height], sha256: sha256(pixels) };
  };
  const cell = (name: string, value: string) =>
    name.endsWith("file_name") ? picture(value) : /^\d+$/.test(value) ? Number(value) : value;
  return Promise.all(
    rows.map(async (row) =>
      Object.fromEntries(await Promise.all(header.map(async (name, i) => [name, await cell(name, row[i]!)] as const))),
    ),
  );
}

/** Columns as current loaders call them: a picture under the name of what it shows. */
const loaderName = (column: string) => (column === "file_name" ? "image" : column.replace(/_file_name$/, ""));

beforeAll(async () => {
  if (missing) return;
  await writeCase(join(root, "rgb"));
  await writeCase(join(root, "grey"), { channels: 1, classes: ["a lesion, raised", "größe", "third"] });
  await writeMapCase(join(root, "masks"));
  await writeCase(join(root, "with generator"));
  await writeCase(join(root, "words"), { classes: ["NA", "nevus"] });
  await writeCase(join(root, "numbers"), { classes: ["01", "1"] });
  await writeMetrics(join(root, "rgb", "metrics"), join(root, "rgb", "set"));
  for (const kind of KINDS) {
    const folder = join(root, kind);
    await releaseCase(folder, {
      out: release(kind),
      config,
      ...(kind === "rgb" ? { metrics: join(folder, "metrics") } : {}),
      ...(kind === "with generator" ? { run: join(folder, "run"), withGenerator: join(folder, "run") } : {}),
    });
  }
});

describe.skipIf(missing)("datasets.load_dataset", () => {
  type Loaded = { version: string; found: { features: Record<string, string>; splits: Record<string, Row[]> }[] };
  const load = (versions: "current" | "old") =>
    readByPython<Loaded>(versions, "load_dataset", KINDS.map(release), root);

  test("reads every kind of release, masks as pictures", async () => {
    const { version, found } = await load("current");
    expect(Number.parseInt(version, 10)).toBeGreaterThanOrEqual(5);
    for (const [i, kind] of KINDS.entries()) {
      const rows = (await rowsOf(kind)).map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [loaderName(name), value === "NA" ? null : value]),
        ),
      );
      expect(found[i]!.splits, kind).toEqual({ train: rows });
    }
    expect(found[KINDS.indexOf("masks")]!.features).toMatchObject({ image: "Image", mask: "Image", label: "Value" });
  });

  test("of 2023 reads them too, masks as names of files", async () => {
    const { version, found } = await load("old");
    expect(version).toBe("2.14.7");
    for (const [i, kind] of KINDS.entries()) {
      const names = parseCsv(await readFile(join(release(kind), "data", "metadata.csv"), "utf8"), "").rows;
      const rows = (await rowsOf(kind)).map(({ file_name, mask_file_name, ...rest }, at) => ({
        image: file_name,
        ...(mask_file_name === undefined ? {} : { mask_file_name: names[at]![1] }),
        ...rest,
        ...(rest.label === "NA" ? { label: null } : {}),
      }));
      // It goes by the names of files.
      const order = names
        .map(([name], at) => ({ name: name!, row: rows[at]! }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      expect(found[i]!.splits, kind).toEqual({ train: order.map(({ row }) => row) });
    }
  });

  test.each([
    ["words", "['NA', 'nevus']"],
    ["numbers", "['01', '1']"],
  ] as const)(
    "takes classes for what they are not (%s): release and card name a reading that does not",
    async (kind, classes) => {
      const { notes } = await releaseCase(join(root, kind), { out: null, config });
      const card = await readFile(join(release(kind), "README.md"), "utf8");
      for (const text of [notes.find((note) => note.includes("pandas")), card]) {
        const call = /pandas\.read_csv\([^)]*\)/.exec(text ?? "")?.[0] ?? "no call";
        const program = `import pandas; print(sorted(set(${call}["label"])))`;
        for (const versions of ["current", "old"] as const)
          expect((await python(versions, ["-c", program], release(kind))).out).toBe(`${classes}\n`);
      }
    },
  );
});

describe.skipIf(missing)("mlcroissant", () => {
  test.each(KINDS)("validates the description of a release: %s", async (kind) => {
    const said = await python(
      "current",
      ["bin/mlcroissant", "validate", "--jsonld", join(release(kind), "croissant.json")],
      root,
    );
    expect(said).toMatchObject({ code: 0 });
    // No citation is known.
    const problems = said.err.split("\n").filter((line) => line.includes(" -  ["));
    expect(problems.map((line) => /"[^"]+"/.exec(line)?.[0])).toEqual(['"http://mlcommons.org/croissant/citeAs"']);
  });

  test("gives the records of every set of records: the table, pictures joined with their labels", async () => {
    // mlcroissant reads tables with pandas, whatever type a field has: the release warns of such classes.
    const kinds = KINDS.filter((kind) => kind !== "words" && kind !== "numbers");
    const paths = kinds.map((kind) => join(release(kind), "croissant.json"));
    const found = await readByPython<Record<string, Row[]>[]>("current", "croissant", paths, root);
    const sorted = (rows: object[]) => rows.map((row) => JSON.stringify(row)).sort();
    for (const [i, kind] of kinds.entries()) {
      const { header, rows } = parseCsv(await readFile(join(release(kind), "data", "metadata.csv"), "utf8"), "");
      const pictures = await rowsOf(kind, true);
      const cell = (at: number, name: string) => rows[at]![header.indexOf(name)]!;
      const { table = [], images = [], ...others } = found[i]!;
      const cells = table.map((row) => header.map((name) => String(row[`table/${name}`])));
      expect(cells, kind).toEqual(rows);
      const records = (set: string, column: string, further: readonly string[]) =>
        rows.map((_, at) => ({
          [`${set}/${column}`]: cell(at, column),
          [`${set}/content`]: pictures[at]![column],
          ...Object.fromEntries(further.map((name) => [`${set}/${name}`, cell(at, name)])),
        }));
      expect(sorted(images), kind).toEqual(sorted(records("images", "file_name", ["label"])));
      expect(Object.keys(others)).toEqual(kind === "masks" ? ["masks"] : []);
      expect(sorted(others.masks ?? [])).toEqual(
        sorted(kind === "masks" ? records("masks", "mask_file_name", []) : []),
      );
    }
  });
});

test.skipIf(missing)("mlcroissant makes numbers of classes that look like them, as the release says", async () => {
  const path = join(release("numbers"), "croissant.json");
  const [found] = await readByPython<Record<string, Row[]>[]>("current", "croissant", [path], root);
  const { header, rows } = parseCsv(await readFile(join(release("numbers"), "data", "metadata.csv"), "utf8"), "");
  const label = header.indexOf("label");
  expect(new Set(rows.map((row) => row[label]))).toContain("01");
  expect(new Set(found!.table!.map((row) => String(row["table/label"])))).not.toContain("01");
});

describe.skipIf(missing)("pydicom and highdicom", () => {
  test.each(["rgb", "grey", "masks"] as const)("read a release in DICOM: %s", async (kind) => {
    const out = join(root, kind, "dicom");
    await releaseCase(join(root, kind), { out, config, format: "dicom" });
    const { header, rows } = parseCsv(await readFile(join(out, "metadata.csv"), "utf8"), "metadata.csv");
    const column = (name: string) => rows.map((row) => row[header.indexOf(name)]!);
    const paths = column("file_name").map((name) => join(out, name));
    type Found = {
      sop: string;
      sopClass: string;
      study: string;
      patient: string;
      finding: string;
      shape: number[];
      sha256: string;
      frame: string;
    };
    const found = await readByPython<Found[]>("current", "dicom", paths, root);
    expect(found.map(({ sop }) => sop)).toEqual(column("sop_instance_uid"));
    expect(found.map(({ study }) => study)).toEqual(column("study_instance_uid"));
    expect(found.map(({ patient }) => patient)).toEqual(column("patient_id"));
    expect(found.map(({ finding }) => finding)).toEqual(column("label"));
    const grey = kind === "grey";
    const sopClass = grey ? "Secondary Capture Image Storage" : "VL Photographic Image Storage";
    expect(new Set(found.map((file) => file.sopClass))).toEqual(new Set([sopClass]));
    const pictures = (await rowsOf(kind)).map(({ file_name }) => file_name as Picture);
    for (const [i, { sha256: pixels, frame, shape }] of found.entries()) {
      const { size } = pictures[i]!;
      expect(shape).toEqual([size[1], size[0], ...(grey ? [] : [3])]);
      expect(pixels).toBe(pictures[i]!.sha256);
      expect(frame).toBe(pixels);
    }
  });
});

describe.skipIf(missing)("TensorBoard", () => {
  test("reads the event files of a run, also where a crash and a resumption lie between", async () => {
    const folder = join(root, "events");
    const picture = noise(1, 6, 4, 3);
    const png = Buffer.from(await encodePng(picture));
    const first = await EventWriter.open(folder);
    first.scalars(1, 1000.5, { "loss/d": 0.5, größe: 2 });
    first.scalars(5_000_000_000, 1001, { "loss/d": -0.25 });
    first.image(1, "samples", png, picture.width, picture.height, 3);
    await first.close();
    const [name] = await readdir(folder);
    await writeFile(join(folder, name!), Buffer.concat([await readFile(join(folder, name!)), Buffer.alloc(7, 255)]));
    const second = await EventWriter.open(folder);
    second.scalars(5_000_000_001, 1002, { "loss/d": 1, größe: 3 });
    await second.close();

    type Found = {
      version: number;
      scalars: Record<string, number[][]>;
      images: Record<string, (number | string)[][]>;
    };
    const found = await readByPython<Found>("current", "events", [folder], root);
    expect(found).toEqual({
      version: 2,
      scalars: {
        "loss/d": [
          [1, 1000.5, 0.5],
          [5_000_000_000, 1001, -0.25],
          [5_000_000_001, 1002, 1],
        ],
        größe: [
          [1, 1000.5, 2],
          [5_000_000_001, 1002, 3],
        ],
      },
      images: { samples: [[1, 6, 4, png.toString("base64")]] },
    });
  });
});

/** The program in Python that a document shows. */
const snippetOf = (text: string) => /```python\n([\s\S]*?generator\.onnx[\s\S]*?)\n```/.exec(text)?.[1];

describe.skipIf(missing)("onnxruntime draws with generator.onnx, by the program", () => {
  type Inputs = Record<string, [number[], number[]]>;

  /** Runs a program beside a generator. @returns Its inputs, and the pictures that it wrote. */
  async function drawn(program: string | undefined, generator: string) {
    const folder = join(root, `drawn-${(await readdir(root)).length}`);
    await mkdir(folder);
    await writeFile(join(folder, "program.py"), program ?? "raise SystemExit('there is no program')");
    await writeFile(join(folder, "generator.onnx"), await readFile(generator));
    const inputs = await readByPython<Inputs>("current", "draw", ["program.py"], folder);
    const count = Object.values(inputs)[0]![0][0]!;
    const names = Array.from({ length: count }, (_, i) => `${i}.png`);
    const pictures = await Promise.all(names.map(async (name) => decodePng(await readFile(join(folder, name)))));
    return { inputs, pictures };
  }

  /** Largest difference in levels between pictures and planes [n, channels, pixels]. */
  function difference(pictures: Awaited<ReturnType<typeof decodePng>>[], planes: Uint8Array): number {
    let largest = 0;
    let at = 0;
    for (const { width, height, channels, data } of pictures)
      for (let c = 0; c < channels; c++)
        for (let i = 0; i < width * height; i++)
          largest = Math.max(largest, Math.abs(data[i * channels + c]! - planes[at++]!));
    expect(at).toBe(planes.length);
    return largest;
  }

  test.each([
    ["of README", 3],
    ["of the card of a generator", 1],
  ] as const)("%s", async (which, channels) => {
    const card = join(release("with generator"), "generator", "README.md");
    const text = await readFile(
      which === "of README" ? fileURLToPath(new URL("../README.md", import.meta.url)) : card,
      "utf8",
    );
    const run = join(root, `run ${which}`);
    await writeTestRun(run, ["melanoma", "nevus", "other"], { channels, resolution: 32 });
    const { inputs, pictures } = await drawn(snippetOf(text), join(run, "generator.onnx"));
    const generator = await openGenerator(join(run, "generator.onnx"), { threads: 1 });
    const planes = await generator.draw(Float32Array.from(inputs.latent![1]), [0, 1, 2]);
    await generator.close();
    expect(pictures.map((picture) => picture.channels)).toEqual([channels, channels, channels]);
    expect(new Set(planes).size).toBeGreaterThan(20);
    expect(difference(pictures, planes)).toBeLessThanOrEqual(1);
  });

  test.each(LATENT_KINDS)("of the card of a generator that fills maps, latent %s", async (latentKind) => {
    const classes = ["a", "b", "c"];
    const resolution = 32;
    const a = designDermgan({ ...dermganSizes.tiny, latentKind }, { resolution, channels: 3, classes: classes.length });
    const about = { model: "dermgan", resolution, channels: 3, latent: a.latent, classes, imagesSeen: 1 } as const;
    const path = join(root, `maps ${latentKind}.onnx`);
    const weights = initialise(dermganGeneratorLayout(a), 1, "generator").map((weight) => 10 * weight);
    await writeMapGenerator(path, a, weights, {
      ...about,
      mapKind: "mask",
      tonesEstimated: false,
      toneCounts: [1, 1, 1, 1, 1, 1],
      seed: 1,
      license: "",
    });
    const audit = JSON.parse(await readFile(join(root, "masks", "audit", "audit.json"), "utf8"));
    const content = releaseContent(3, { audit });
    const card = modelCard(content, { ...about, input: "maps", hash: "" });
    const { inputs, pictures } = await drawn(snippetOf(card), path);
    const generator = await openMapGenerator(path, { threads: 1 });
    const maps = Float32Array.from(inputs.maps![1]);
    const planes = await generator.draw(maps, Float32Array.from(inputs.latent?.[1] ?? []));
    await generator.close();
    expect(pictures).toHaveLength(3);
    expect(new Set(planes).size).toBeGreaterThan(20);
    expect(difference(pictures, planes)).toBeLessThanOrEqual(1);
    // The middle of the first class: tone III, the first place of a grid of 2 x 2.
    const middle = (resolution / 2) * resolution + resolution / 2;
    expect([0, 1, 2].map((channel) => maps[channel * resolution ** 2 + middle])).toEqual([0.5, 0.5, 0.5]);
    expect([0, 1, 2].map((channel) => maps[channel * resolution ** 2])).toEqual([0.5, 0, 0]);
  });

  test("README's is that of the cards", async () => {
    const card = await readFile(join(release("with generator"), "generator", "README.md"), "utf8");
    const readme = await readFile(fileURLToPath(new URL("../README.md", import.meta.url)), "utf8");
    expect(snippetOf(readme)).toBe(snippetOf(card));
    expect(snippetOf(card)!.split("\n").length).toBeLessThanOrEqual(11);
  });
});
