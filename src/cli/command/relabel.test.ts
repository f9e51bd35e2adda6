import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../../data/dataset.ts";
import { writePhantom } from "../../phantom/index.ts";
import { readProvenance } from "../../sample/index.ts";
import type { CommandEntry } from "../commands.ts";
import { callProgram } from "../testing/call-program.ts";

const table: CommandEntry[] = [
  { name: "train", summary: "train", load: () => import("./train.ts") },
  { name: "generate", summary: "draw", load: () => import("./generate.ts") },
  { name: "balance", summary: "fill up", load: () => import("./balance.ts") },
];

let folder: string;
const at = (name: string) => join(folder, name);
/** Runs a command line as a user does. */
const call = (...argv: string[]) => callProgram(argv, table);
const generate = (...words: string[]) => call("generate", at("run"), "--sampler", "relabel", ...words);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writePhantom(at("skin"), { count: 60, size: 32, seed: 0 });
  const made = await call(
    "train",
    at("skin"),
    "--out",
    at("run"),
    "--from",
    "phantom-32",
    "--images",
    "64",
    "--threads",
    "1",
  );
  expect([made.code, made.err]).toEqual([0, expect.anything()]);
});

test("generate trains the classifier, keeps it, and draws what it says; each image is drawn again from its record", async () => {
  const counts = ["--counts", "melanoma=4,nevus=3"];
  const dry = await generate(...counts, "--dry-run");
  expect(dry.out).toContain(
    "sampler relabel, a classifier of the training images first, then as many candidates as needed",
  );
  expect(await readdir(at("run"))).not.toContain("labeller");
  const first = await generate(...counts, "--out", at("one"), "--threads", "1");
  expect([first.code, first.err]).toEqual([0, expect.stringMatching(/mean AUC of .* trained and kept in .*labeller/)]);
  expect(first.out).toMatch(/melanoma: 4 \(\d+ drawn as melanoma, the classifier agrees with [\d.]+ %\)/);
  const second = await generate(...counts, "--out", at("two"), "--threads", "2");
  expect(second.err).toMatch(/mean AUC of .*; kept in/);
  expect((await generate(...counts, "--dry-run")).out).toContain("sampler relabel, as many candidates as needed");
  const { samples } = await readDataset(at("one"));
  expect(samples.map(({ label }) => label).sort()).toEqual([...Array(4).fill("melanoma"), ...Array(3).fill("nevus")]);
  expect(JSON.parse(await readFile(at("one/dataset.json"), "utf8")).notes).toContain(
    "what a classifier of the generator's",
  );
  const line = at("one/provenance.jsonl");
  expect(await readFile(line, "utf8")).toBe(await readFile(at("two/provenance.jsonl"), "utf8"));
  expect((await call("generate", at("run"), "--provenance", line, "--out", at("again"))).code).toBe(0);
  for (const { file_name: name } of await readProvenance(line)) {
    expect(Buffer.compare(await readFile(join(at("again"), name)), await readFile(join(at("one"), name)))).toBe(0);
  }
});

test("balance fills up by it, and says in its plan what would be refused", async () => {
  const balance = (...words: string[]) =>
    call("balance", at("skin"), "--run", at("run"), "--sampler", "relabel", ...words);
  const asked = ["--to", "melanoma=40"];
  const made = await balance(...asked, "--out", at("full"), "--threads", "1");
  expect([made.code, made.err]).toEqual([0, expect.stringMatching(/kept in .*labeller/)]);
  const records = await readProvenance(at("full/provenance.jsonl"));
  expect(new Set(records.map((record) => `${record.sampler} ${record.class}`))).toEqual(new Set(["relabel melanoma"]));
  await rm(at("run/labeller"), { recursive: true });
  await rm(at("skin/images"), { recursive: true, force: true });
  const plan = await balance(...asked, "--plan");
  expect([plan.code === 0, plan.err.length > 0]).toEqual([false, true]);
});
