import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openAuditSets } from "../src/audit/open-sets.ts";
import { run as trainCommand } from "../src/cli/command/train.ts";
import { silent } from "../src/core/progress.ts";
import { failure, temporaryFolder } from "../src/core/testing/fixtures.ts";
import { type Dataset, readDataset } from "../src/data/index.ts";
import { pngOf, writeFiles } from "../src/data/testing/fixtures.ts";
import { openSets } from "../src/evaluate/datasets.ts";
import { Reasons } from "../src/release/gate/reasons.ts";
import { checkRows } from "../src/release/gate/row-rules.ts";
import { checkBalanceable } from "../src/sample/balance.ts";
import { openDataset } from "../src/studio/server/opened-dataset.ts";

let folder: string;

/** A set of one image for each cell of the column `synthetic`. */
async function setOf(name: string, cells: readonly string[]): Promise<string> {
  const files: Record<string, string | Uint8Array> = {};
  const rows = ["file_name,label,synthetic"];
  for (const [i, cell] of cells.entries()) {
    const file = `images/a/00000${i + 1}.png`;
    files[file] = await pngOf(i);
    rows.push(`${file},a,${cell}`);
  }
  return writeFiles(join(folder, name), { ...files, "metadata.csv": `${rows.join("\n")}\n` });
}

const names = ({ samples }: Dataset) => samples.map(({ fileName }) => Number(/(\d+)\.png$/.exec(fileName)![1]));

let [words, bad, other]: string[] = [];
beforeAll(async () => {
  folder = await temporaryFolder();
  words = await setOf("words", ["TRUE", " no ", "Yes", "0"]);
  bad = await setOf("bad", ["1", "0", "maybe", ""]);
  other = await setOf("other", ["0", "0"]);
});

const listsBoth = async (promise: Promise<unknown>) => {
  const error = await failure(promise);
  expect(error.code).toBe("dataset");
  expect(error.problems.map(({ code, path }) => `${code} ${path}`)).toEqual([
    "synthetic-value row of images/a/000003.png",
    "synthetic-value row of images/a/000004.png",
  ]);
};

test("evaluate takes the real images of --real and --holdout and the synthetic ones of --synthetic", async () => {
  const options = { cache: join(folder, "cache"), onProgress: silent };
  const sets = await openSets({ ...options, real: words!, synthetic: words!, holdout: words });
  expect([sets.real, sets.synthetic, sets.holdout!].map(({ dataset }) => names(dataset))).toEqual([
    [2, 4],
    [1, 3],
    [2, 4],
  ]);
  sets.close();
  for (const which of ["real", "synthetic", "holdout"] as const) {
    await listsBoth(openSets({ ...options, real: words!, synthetic: words!, [which]: bad }));
  }
});

test("audit takes the real images of --train and --holdout and the synthetic ones of --synthetic", async () => {
  const options = { cache: join(folder, "cache"), onProgress: silent };
  const sets = await openAuditSets({ ...options, train: words!, holdout: other!, synthetic: words! });
  expect([names(sets.train.dataset), names(sets.synthetic.dataset)]).toEqual([
    [2, 4],
    [1, 3],
  ]);
  sets.close();
  await listsBoth(openAuditSets({ ...options, train: bad!, holdout: other!, synthetic: words! }));
});

test("balance refuses a set that holds synthetic images and says how to leave them out", async () => {
  const dataset = await readDataset(words!);
  const check = async (set: Dataset) => checkBalanceable(set);
  expect((await failure(check(dataset))).message).toMatch(/2 images are synthetic already.*--where synthetic=no$/);
  await check(await readDataset(words!, { where: ["synthetic=no"] }));
  await listsBoth(check(await readDataset(bad!)));
});

test("train says how many images are synthetic", async () => {
  const said: string[] = [];
  const context = {
    seed: 0,
    version: "test",
    progress: silent,
    note: (text: string) => void said.push(text),
    warn: (text: string) => void said.push(text),
    signal: new AbortController().signal,
  };
  const options = {
    out: join(folder, "run"),
    threads: 1,
    resolution: 8,
    preset: "tiny" as const,
    images: 16,
    dryRun: true,
    set: [],
    where: [],
    holdout: true,
  };
  await trainCommand([words!], options, context);
  expect(said.join("\n")).toMatch(/2 of the images are synthetic .*--where synthetic=no keeps only the real ones/);
  await listsBoth(trainCommand([bad!], options, context));
});

test("the gate lets through what any of the words calls synthetic, and nothing else", async () => {
  const refused = async (path: string) => {
    const dataset = await readDataset(path);
    const reasons = new Reasons();
    const candidates = dataset.samples.map((sample, index) => ({ index, sample, record: null, mapRecord: null }));
    checkRows(dataset, candidates, [], reasons);
    return reasons.problems.filter(({ code }) => code === "real-image").map(({ message }) => message);
  };
  expect(await refused(await setOf("all", ["TRUE", "yes", "1"]))).toEqual([]);
  expect((await refused(words!)).join()).toMatch(/^2: /);
  expect((await refused(bad!)).join()).toMatch(/^3: /);
});

test("the studio calls a set synthetic whose every image is", async () => {
  expect((await openDataset(await setOf("made", ["TRUE", "yes"]), false)).summary.synthetic).toBe(true);
  expect((await openDataset(words!, false)).summary.synthetic).toBe(false);
  await listsBoth(openDataset(bad!, false));
});
