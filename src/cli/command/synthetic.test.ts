import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../../data/dataset.ts";
import { pngOf, writeFiles } from "../../data/testing/fixtures.ts";
import { writeTestRun } from "../../model/testing/run.ts";
import type { CommandEntry } from "../commands.ts";
import { callProgram } from "../testing/call-program.ts";

const table: CommandEntry[] = [
  { name: "generate", summary: "draw", load: () => import("./generate.ts") },
  { name: "balance", summary: "fill up", load: () => import("./balance.ts") },
];

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTestRun(at("run"), ["melanoma", "nevus"]);
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 5; i++) files[`nevus/${i}.png`] = await pngOf(i);
  await writeFiles(at("set"), { ...files, "melanoma/1.png": await pngOf(9) });
});

/** Runs a command line as a user does. */
const call = (...argv: string[]) => callProgram(argv, table);

const generate = (...words: string[]) => call("generate", at("run"), ...words);
const balance = (...words: string[]) => call("balance", at("set"), "--run", at("run"), ...words);

describe("generate", () => {
  test("writes the counts asked for, and says so with --json", async () => {
    const words = ["--counts", "melanoma=3,nevus=1", "--sampler", "reject:50", "--json", "--seed", "4"];
    const { code, out, err } = await generate("--out", at("g1"), ...words, "--threads", "1");
    expect(code).toBe(0);
    expect(err).toMatch(/generate/);
    const said = JSON.parse(out);
    expect(said).toMatchObject({
      written: true,
      images: 4,
      sampler: "reject:50",
      seed: 4,
      counts: { melanoma: 3, nevus: 1 },
    });
    for (const { candidates, acceptance } of said.classes) {
      expect(candidates).toBeGreaterThan(256);
      expect(acceptance).toBeGreaterThan(0);
    }
    expect((await readDataset(at("g1"))).samples.map(({ label }) => label)).toEqual([
      "melanoma",
      "melanoma",
      "melanoma",
      "nevus",
    ]);
    expect((await readdir(at("g1"))).sort()).toEqual([
      "contact-sheet.html",
      "dataset.json",
      "images",
      "metadata.csv",
      "provenance.jsonl",
    ]);
  });

  test("makes the image of one line again, byte for byte", async () => {
    expect((await generate("--out", at("g2"), "--per-class", "3", "--quiet")).code).toBe(0);
    const file = at("g2/provenance.jsonl");
    const { code, out } = await generate("--out", at("g3"), "--provenance", file, "--line", "5");
    expect([code, out]).toEqual([
      0,
      `drew 1 image of ${file} again, in ${at("g3")}\nNext:     ganglion inspect ${at("g3")}\n`,
    ]);
    const name = "images/nevus/000002.png";
    expect(Buffer.compare(await readFile(at(`g3/${name}`)), await readFile(at(`g2/${name}`)))).toBe(0);
    expect(await generate("--out", at("g4"), "--provenance", file, "--line", "7")).toMatchObject({
      code: 2,
      err: expect.stringContaining("has the lines 1 to 6"),
    });
  });

  test("with --dry-run tells the work and writes nothing", async () => {
    const { code, out } = await generate("--dry-run", "--per-class", "10", "--sampler", "best", "--out", at("dry"));
    expect(code).toBe(0);
    expect(out).toContain("would write 20 images of 8 x 8 pixels, sampler best:4, 100 draws");
    expect(await readdir(folder)).not.toContain("dry");
  });

  test.each([
    [["--out", "x"], /one of --counts, --per-class and --provenance is needed/],
    [["--out", "x", "--per-class", "1", "--counts", "nevus=1"], /--counts and --per-class exclude each other/],
    [["--out", "x", "--maps", "m.csv"], /not from maps; use --counts or --per-class/],
    [["--per-class", "1"], /--out DIR is missing/],
    [["--out", "x", "--counts", "nevis=1"], /did you mean nevus\? the classes are melanoma, nevus/],
    [["--out", "x", "--counts", "nevus=-2"], /"-2" is not a whole number/],
    [["--out", "x", "--per-class", "0"], /at least/],
    [["--out", "x", "--per-class", "1", "--sampler", "truncation:2"], /psi is above 0 and at most 1/],
    [["--out", "x", "--per-class", "1", "--line", "2"], /--line 2 needs --provenance/],
    [
      ["--out", "x", "--per-class", "1", "--device", "tpu"],
      /--device <NAME>' argument 'tpu' is invalid. Use one of cpu, webgpu, cuda/,
    ],
    [
      ["--out", "x", "--per-class", "1", "--threads", "0"],
      /--threads <N>' argument '0' is invalid. Give a whole number from 1/,
    ],
    [["--out", "x", "--per-class", "1", "--size", "2"], /unknown option '--size'/],
  ])("%j is wrong usage", async (words, message) => {
    const { code, err } = await generate(...words);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });

  test("does not touch a folder that holds something", async () => {
    const { code, err } = await generate("--out", at("set"), "--per-class", "1");
    expect(code).toBe(1);
    expect(err).toMatch(/exists and is not empty/);
  });
});

describe("balance", () => {
  test("--plan shows the plan, writes nothing and needs no --out", async () => {
    const before = await readdir(folder);
    const { code, out } = await balance("--plan");
    expect(code).toBe(0);
    expect(out).toMatch(/melanoma +1 +5 +4 +4.00 : 1/);
    expect(out).toMatch(/nevus +5 +5 +0 +0.00 : 1/);
    const { plan, written } = JSON.parse((await balance("--plan", "--json", "--max-ratio", "2.5")).out);
    expect(written).toBe(false);
    expect(plan).toMatchObject({ to: "equal", maxRatio: 2.5, synthetic: 2, classes: [{ capped: true, ratio: 2 }, {}] });
    expect(plan.notes[0]).toContain("--max-ratio 2.5 leaves melanoma at 3 of 5");
    expect(await readdir(folder)).toEqual(before);
  });

  test("tells the plan, then writes real and synthetic images", async () => {
    const { code, out, err } = await balance("--out", at("b1"), "--to", "melanoma=3", "--sampler", "truncation:0.5");
    expect(code).toBe(0);
    expect(err).toMatch(/melanoma +1 +3 +2/);
    expect(out).toContain("wrote 6 real and 2 synthetic images (sampler truncation:0.5, seed 0)");
    const where = ["--where", "synthetic=1", "--where", "label=melanoma"];
    const result = await readDataset(at("b1"), { where: where.filter((word) => word !== "--where") });
    expect(result.samples.length).toBe(2);
    // The same filters on the command line: synthetic rows are refused, real ones pass.
    const twice = (...words: string[]) => call("balance", at("b1"), "--run", at("run"), "--plan", ...words);
    expect((await twice(...where)).err).toMatch(/2 images are synthetic already/);
    expect((await twice("--where", "synthetic=0", "--where", "label=nevus")).out).toMatch(/nevus +5 +5 +0/);
  });

  test("with a run of other classes names them", async () => {
    await writeTestRun(at("other"), ["cat", "dog"]);
    const { code, err } = await call("balance", at("set"), "--run", at("other"), "--out", at("b2"));
    expect(code).toBe(1);
    expect(err).toMatch(/was not trained on the classes of this dataset/);
    expect(err).toMatch(/class "melanoma": the dataset has it, the generator does not; its classes are cat, dog/);
  });

  test.each([
    [["--out", "x", "--to", "even"], /the target is equal or CLASS=NUMBER/],
    [["--out", "x", "--to", "nevos=3"], /did you mean nevus/],
    [["--out", "x", "--max-ratio", "-1"], /--max-ratio -1/],
    [["--out", "x", "--max-ratio", "x"], /--max-ratio x: give a number/],
    [[], /--out DIR is missing/],
  ])("%j is wrong usage", async (words, message) => {
    const { code, err } = await balance(...words);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });

  test("without --run is wrong usage; with a folder that is no run, an error", async () => {
    expect((await call("balance", at("set"), "--plan")).code).toBe(2);
    await writeFile(at("file"), "");
    const { code, err } = await call("balance", at("set"), "--run", at("file"), "--plan");
    expect(code).toBe(1);
    expect(err).toMatch(/is a file; give the run folder/);
  });
});
