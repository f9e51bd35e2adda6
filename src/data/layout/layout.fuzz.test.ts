// Mutated trees and tables: names, separators, encodings, nesting, links, cycles, odd types of files. Every reading ends, in a
// dataset or in a plain error, and no class is made of masks, splits or parts. GANGLION_FUZZ=5000 tries more,
// GANGLION_FUZZ_SEED other ones.
import { execFileSync } from "node:child_process";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { GanglionError } from "../../core/errors.ts";
import { Rng } from "../../core/rng.ts";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import type { ColumnOptions } from "../columns.ts";
import { readDataset } from "../dataset.ts";
import { readMask } from "../pixels.ts";
import { pngOf } from "../testing/fixtures.ts";

const MUTANTS = Number(process.env.GANGLION_FUZZ ?? 300);
const SEED = Number(process.env.GANGLION_FUZZ_SEED ?? 17);
/** Seconds of the processor within which a tree of some files is read. */
const MOST_SECONDS = 5;
const folder = await temporaryFolder();
const png = await pngOf(1);

/** What a file of a tree holds: an image, text, or something else in its place. */
type Entry = "image" | { readonly text: string } | "empty" | "pipe" | { readonly link: string };
type Tree = Map<string, Entry>;

const ids = [1, 2, 3, 4];
const tableOf = (header: string, row: (i: number) => string) => ({ text: [header, ...ids.map(row)].join("\n") });
const put = (...paths: string[]): [string, Entry][] => paths.map((path) => [path, "image"]);

const COCO = JSON.stringify({
  images: ids.map((id) => ({ id, file_name: `${id}.png`, width: 8, height: 8 })),
  categories: [{ id: 1, name: "a" }],
  annotations: ids.flatMap((id) => [
    { id, image_id: id, category_id: 1, bbox: [1, 1, 4, 4], segmentation: [[1, 1, 5, 1, 5, 5, 1, 5]] },
    { id: id + 9, image_id: id, category_id: 1, segmentation: { size: [8, 8], counts: [9, 3, 52] } },
  ]),
});
const voc = (i: number) =>
  `<annotation><filename>${i}.png</filename><size><width>8</width><height>8</height></size><object><name>a</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>5</xmax><ymax>6</ymax></bndbox></object></annotation>`;

/** Layouts to begin with, by names of images. */
const BASES: readonly (() => [string, Entry][])[] = [
  () => ids.flatMap((i) => put(`mel/${i}.png`, `nv/x${i}.jpg`)),
  () => ["train", "val", "test"].flatMap((s) => ["NORMAL", "PNEUMONIA"].flatMap((c) => put(`${s}/${c}/${s}${c}.jpeg`))),
  () => ids.flatMap((i) => put(`set/images/${i}.png`, `set/masks/${i}.png`)),
  () =>
    ["benign", "malignant"].flatMap((c) =>
      ids.flatMap((i) => put(`${c}/${c} (${i}).png`, `${c}/${c} (${i})_mask.png`)),
    ),
  () => ids.flatMap((i) => ["0", "1"].flatMap((c) => put(`${8000 + i}/${c}/${i}_${c}.png`))),
  () => [
    ...ids.flatMap((i) => put(`images_part_${(i % 2) + 1}/ID_${i}.png`)),
    ["meta.csv", tableOf("image_id,dx,patient_id", (i) => `ID_${i},${i % 2 ? "nv" : "mel"},P${i}`)],
  ],
  () => [
    ...ids.flatMap((i) => put(`images/${i}.png`)),
    [
      "metadata.csv",
      tableOf(
        "file_name,label,split,x_min,y_min,x_max,y_max",
        (i) => `images/${i}.png,a|b,${i % 2 ? "train" : "test"},1,1,4,4`,
      ),
    ],
  ],
  () => [
    ...ids.flatMap((i) => put(`${i}.png`)),
    ["metadata.jsonl", { text: ids.map((i) => JSON.stringify({ file_name: `${i}.png`, dx: "nv" })).join("\n") }],
  ],
  () => [
    ...["train", "valid"].flatMap((s) => ids.flatMap((i) => put(`db/${s}/p${i}/study1/${s}${i}.jpg`))),
    ...["train", "valid"].map((s): [string, Entry] => [
      `db/${s}.csv`,
      tableOf("Path,Edema,Pneumonia,No Finding", (i) => `db/${s}/p${i}/study1/${s}${i}.jpg,1.0,-1.0,`),
    ]),
  ],
  () => [...ids.flatMap((i) => put(`images/${i}.png`)), ["annotations/instances.json", { text: COCO }]],
  () => [
    ...["train", "val"].flatMap((s) => ids.flatMap((i) => put(`images/${s}/${i}.png`))),
    ...["train", "val"].flatMap((s) =>
      ids.map((i): [string, Entry] => [
        `labels/${s}/${i}.txt`,
        { text: `${i % 2} 0.5 0.5 0.25 0.5\n0 0.1 0.1 0.9 0.1 0.5 0.9` },
      ]),
    ),
    ["data.yaml", { text: "names:\n  0: a\n  1: b\n" }],
  ],
  () => [
    ...ids.flatMap((i) => put(`all-mias/mdb00${i}.png`)),
    [
      "all-mias/Info.txt",
      { text: ["REF BG CLASS X", ...ids.map((i) => `mdb00${i} G CIRC ${i}`), "mdb001 D"].join("\n") },
    ],
  ],
  () => [
    ...["train", "test"].flatMap((s) => ids.flatMap((i) => put(`set/${s}/${s}${i}.png`))),
    ...["train", "test"].map((s): [string, Entry] => [
      `set/${s}.txt`,
      { text: ids.map((i) => `${s}${i}.png ${i % 2}`).join("\n") },
    ]),
  ],
  () => ids.flatMap((i): [string, Entry][] => [...put(`x/${i}.png`), [`x/${i}.xml`, { text: voc(i) }]]),
  () =>
    ids.flatMap((i): [string, Entry][] => [
      ...put(`x/${i}.png`),
      [
        `x/${i}.json`,
        {
          text: `{"shapes":[{"label":"a","points":[[1,1],[5,1],[5,5]],"shape_type":"polygon"}],"imagePath":"${i}.png","imageWidth":8,"imageHeight":8}`,
        },
      ],
    ]),
];

const WORDS = [
  "train",
  "Test",
  "masks",
  "images",
  "part_2",
  "fold_1",
  "GroundTruth",
  "a",
  "Ä",
  "é",
  "e\u0301",
  "x".repeat(80),
  "__MACOSX",
  ".hidden",
  " b ",
  "0",
  "patient_7",
  "a;b",
  "a,b",
  "%",
  "__proto__",
  "constructor",
];

/** Changes of a tree, one each. */
const CHANGES: readonly ((tree: Tree, rng: Rng) => Tree)[] = [
  // Folders: around everything, in between, renamed, taken away.
  (tree, rng) => paths(tree, (path) => `${word(rng)}/${path}`),
  (tree, rng) => {
    const name = word(rng);
    return paths(tree, (path) => (path.includes("/") ? path.replace("/", `/${name}/`) : path));
  },
  (tree, rng) => {
    const at = rng.integer(3);
    const [from, to] = [part(tree, rng, at), word(rng)];
    return paths(tree, (path) =>
      path
        .split("/")
        .map((one, i, all) => (i === at && one === from && i + 1 < all.length ? to : one))
        .join("/"),
    );
  },
  (tree, rng) => {
    const at = rng.integer(2);
    return paths(tree, (path) =>
      path.includes("/")
        ? path
            .split("/")
            .filter((_, i) => i !== at)
            .join("/") || path
        : path,
    );
  },
  (tree, rng) => paths(tree, (path) => (rng.integer(4) === 0 ? `${word(rng)}/${path}` : path)),
  // Names of files.
  (tree, rng) => paths(tree, (path) => (rng.integer(3) === 0 ? path.toUpperCase() : path)),
  (tree) => paths(tree, (path) => path.normalize("NFD")),
  (tree, rng) =>
    paths(tree, (path) =>
      path.replace(/\.(png|jpe?g)$/, ["_mask.png", ".tif", ".PNG", "_segmentation.png", ".dcm", ""][rng.integer(6)]!),
    ),
  // Other files.
  (tree, rng) => with_(tree, `${word(rng)}/${word(rng)}.png`, "image"),
  (tree, rng) =>
    with_(
      tree,
      ["Thumbs.db", ".DS_Store", "readme.md", "masks/9.png", "train/z.png", "labels.csv", "dataset.json"][
        rng.integer(7)
      ]!,
      { text: "{}" },
    ),
  (tree, rng) =>
    with_(
      tree,
      `sub${rng.integer(3)}.csv`,
      tableOf("id,label", (i) => `${i},${word(rng)}`),
    ),
  (tree, rng) => with_(tree, `${any(tree, rng)}x.png`, (["empty", "pipe"] as const)[rng.integer(2)]!),
  (tree, rng) =>
    with_(tree, ["cycle", "a.png", "nv/up", "meta.csv"][rng.integer(4)]!, {
      link: ["..", ".", "nowhere", "/tmp/x", "../.."][rng.integer(5)]!,
    }),
  (tree, rng) => new Map([...tree].filter(() => rng.integer(5) > 0)),
  // Tables.
  (tree, rng) => texts(tree, (text) => text.replaceAll(",", [";", "\t", "|", ",,"][rng.integer(4)]!)),
  (tree) => texts(tree, (text) => text.replaceAll("/", "\\")),
  (tree, rng) => texts(tree, (text) => text.replaceAll(/\.(png|jpe?g)/g, ["", ".dcm", ".PNG", "/"][rng.integer(4)]!)),
  (tree, rng) =>
    texts(tree, (text) =>
      text
        .split("\n")
        .map((line, i) => `${i === 0 ? "" : i},${line}${rng.integer(3) === 0 ? "," : ""}`)
        .join("\n"),
    ),
  (tree, rng) => texts(tree, (text) => text.replaceAll("\n", ["\r\n", "\r", "\n\n"][rng.integer(3)]!)),
  (tree, rng) =>
    texts(tree, (text) =>
      text
        .split("\n")
        .flatMap((line) => (rng.integer(3) === 0 ? [line, line.replace("1", "2")] : [line]))
        .join("\n"),
    ),
  (tree, rng) =>
    texts(tree, (text) =>
      text.replaceAll(/nv|mel|a\|b|nv/g, () => ["nan", "None", "", "NV", "nv ", "Ä", "1.0", "a,b"][rng.integer(8)]!),
    ),
  (tree, rng) => texts(tree, (text) => text.split("\n").slice(rng.integer(2)).join("\n")),
  // Values of annotations: of another type, far out, none.
  (tree, rng) =>
    texts(tree, (text) =>
      text.replace(/\d+(\.\d+)?/g, (number) =>
        rng.integer(6) === 0 ? ["-1", "1e9", "null", "[]", '"x"', "{}", "0", "65535"][rng.integer(8)]! : number,
      ),
    ),
  (tree, rng) => texts(tree, (text) => text.replace(/"(\w+)":/g, (key) => (rng.integer(8) === 0 ? '"other":' : key))),
  (tree, rng) => texts(tree, (text) => text.slice(0, rng.integer(text.length + 1))),
  (tree, rng) =>
    texts(tree, (text) => {
      const at = rng.integer(text.length + 1);
      return `${text.slice(0, at)}${['"', "\0", "\u00e9", "\ufeff", "../", "{"][rng.integer(6)]}${text.slice(at)}`;
    }),
];

const ENCODINGS = ["utf8", "latin1", "utf16le"] as const;

function word(rng: Rng): string {
  return WORDS[rng.integer(WORDS.length)]!;
}
const any = (tree: Tree, rng: Rng): string => [...tree.keys()][rng.integer(tree.size)] ?? "x";
const part = (tree: Tree, rng: Rng, at: number): string => any(tree, rng).split("/")[at] ?? "";
const paths = (tree: Tree, change: (path: string) => string): Tree =>
  new Map([...tree].map(([path, entry]) => [change(path), entry]));
const with_ = (tree: Tree, path: string, entry: Entry): Tree => new Map([...tree, [path, entry]]);
const texts = (tree: Tree, change: (text: string) => string): Tree =>
  new Map(
    [...tree].map(([path, entry]) => [
      path,
      typeof entry === "object" && "text" in entry ? { text: change(entry.text) } : entry,
    ]),
  );

/** Writes a tree as far as its paths go together. */
async function plant(root: string, tree: Tree, encoding: BufferEncoding): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const [path, entry] of tree) {
    const at = join(root, path);
    if (!at.startsWith(`${root}/`)) continue;
    try {
      await mkdir(dirname(at), { recursive: true });
      if (entry === "image") await writeFile(at, png);
      else if (entry === "empty") await writeFile(at, "");
      else if (entry === "pipe") execFileSync("mkfifo", [at], { stdio: "ignore" });
      else if ("link" in entry) await symlink(entry.link, at);
      else await writeFile(at, Buffer.from(entry.text, encoding));
    } catch {
      // A file is in the place of a folder, or the name is too long: the tree is another mutant then.
    }
  }
}

const OPTIONS: readonly ColumnOptions[] = [
  {},
  {},
  {},
  { label: "dx" },
  { label: "folder_1" },
  { multiLabel: "first", skipDamaged: true },
  { table: "meta.csv", missing: [] },
  { file: "image_id", split: "folder_1" },
];

/** Names of which no class may be without that somebody says so. */
const NO_CLASS = /^(train|test|val|valid|masks?|images?|(images_)?part_\d|fold_\d|groundtruth|__macosx)$/i;

test(`${MUTANTS} mutated trees and tables`, { timeout: 60_000 + 1000 * MUTANTS }, async () => {
  const rng = new Rng(SEED, "layouts");
  const failures: string[] = [];
  let read = 0;
  for (let n = 0; n < MUTANTS; n++) {
    const root = join(folder, "mutant");
    await rm(root, { recursive: true, force: true });
    let tree: Tree = new Map(BASES[rng.integer(BASES.length)]!());
    const changes = rng.integer(4);
    for (let i = 0; i < changes; i++) tree = CHANGES[rng.integer(CHANGES.length)]!(tree, rng);
    await plant(root, tree, ENCODINGS[Math.max(0, rng.integer(6) - 3)]!);
    const options = OPTIONS[rng.integer(OPTIONS.length)]!;
    const what = `mutant ${n}: ${JSON.stringify(options)} ${[...tree.keys()].slice(0, 6).join(" ")}`;
    // Other work on the machine makes a reading late, so that it is judged by the processor's time; what waits for ever hangs.
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what}: it hangs`)), 120_000);
    });
    const before = process.cpuUsage();
    try {
      const dataset = await Promise.race([readDataset(root, options), late]);
      read++;
      // What annotations draw is painted, or refused in a plain error.
      if (dataset.samples[0]?.drawn !== undefined) await readMask(dataset, 0);
      const files = dataset.samples.map(({ fileName }) => fileName);
      expect(new Set(files).size, what).toBe(files.length);
      expect(
        dataset.samples.every(({ label }) => dataset.classes.includes(label)),
        what,
      ).toBe(true);
      const byFolders =
        dataset.reader.name === "class-folders" ||
        dataset.notes.some((note) => note.includes("the folders are the classes"));
      if (options.label === undefined && byFolders) {
        expect(
          dataset.classes.filter((name) => NO_CLASS.test(name)),
          `${what}\n${dataset.notes.join("\n")}`,
        ).toEqual([]);
      }
    } catch (error) {
      const isPlain = error instanceof GanglionError && error.code !== "internal" && error.message.length > 20;
      if (!isPlain) failures.push(`${what}\n${(error as Error).stack}`);
    } finally {
      clearTimeout(timer);
    }
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1e6 > MOST_SECONDS) failures.push(`${what}: ${(user + system) / 1e6} s of the processor`);
  }
  expect(failures.slice(0, 20)).toEqual([]);
  expect(read).toBeGreaterThan(MUTANTS / 5);
});
