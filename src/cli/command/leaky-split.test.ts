import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { writeJson } from "../../core/files.ts";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { encodePng, writeDataset } from "../../data/index.ts";
import { writeExtractor } from "../../features/testing/lesions.ts";
import { writeTestRun } from "../../model/testing/run.ts";
import { phantomPlan, renderPhantom } from "../../phantom/index.ts";
import { generateDataset, openRun } from "../../sample/index.ts";
import type { CommandEntry } from "../commands.ts";
import { callProgram } from "../testing/call-program.ts";

const table: CommandEntry[] = [
  { name: "audit", summary: "audit", load: () => import("./audit.ts") },
  { name: "release", summary: "release", load: () => import("./release.ts") },
];
const [TRAIN, HELD, SIDE, LEAKS] = [80, 60, 32, 3];

let folder: string;
/** The audit with the split that leaks. */
let audit: Awaited<ReturnType<typeof call>>;
const at = (name: string) => join(folder, name);
const call = (...argv: string[]) => callProgram(argv, table);

/** Codes of the reasons of a refusal. */
async function refusal(...words: string[]): Promise<string[]> {
  const made = await call(
    "release",
    at("set"),
    "--audit",
    at("audit"),
    "--config",
    at("config.json"),
    ...words,
    "--dry-run",
    "--json",
  );
  expect(made.code).toBe(3);
  const { error } = JSON.parse(made.out) as { error: { problems: { code: string }[] } };
  return error.problems.map(({ code }) => code).sort();
}

/** Real images of which three held-out ones are training images encoded again, and a set with three training images in it. */
beforeAll(async () => {
  folder = await temporaryFolder();
  const specs = phantomPlan(TRAIN + HELD, 1);
  const images = specs.map((spec) => renderPhantom(spec, 64).image);
  for (let i = 0; i < LEAKS; i++) {
    const { width, height, channels, data } = images[i]!;
    const jpeg = await sharp(data, { raw: { width, height, channels } }).jpeg({ quality: 90 }).toBuffer();
    images[TRAIN + i] = { ...images[i]!, data: new Uint8Array(await sharp(jpeg).raw().toBuffer()) };
  }
  const rows = images.map((image, i) => ({
    fileName: `images/${String(i).padStart(3, "0")}.png`,
    image,
    columns: { diagnosis: specs[i]!.label, split: i < TRAIN ? "train" : "test" },
  }));
  await writeDataset(at("skin"), { rows, description: { label: "diagnosis", split: "split" } });
  const classes = ["basal-cell", "nevus"];
  await writeTestRun(at("run"), classes, { resolution: SIDE });
  const run = await openRun(at("run"), { threads: 1 });
  try {
    const counts = classes.map((name) => ({ name, count: 20 }));
    await generateDataset(run, at("set"), { counts, sampler: { kind: "random" }, seed: 1 });
  } finally {
    await run.close();
  }
  for (let i = 0; i < 3; i++) {
    const { width, height, channels, data } = images[10 + i]!;
    const small = sharp(data, { raw: { width, height, channels } }).resize(SIDE, SIDE);
    const pixels = { width: SIDE, height: SIDE, channels, data: new Uint8Array(await small.raw().toBuffer()) };
    await writeFile(at(`set/images/nevus/00000${i + 1}.png`), await encodePng(pixels));
  }
  const gate = {
    ...{ minTestImages: 10, minImagesPerClass: 5, maxCopyShare: 0.2, worstFinding: "critical" },
    acceptWarnings: ["no-patients"],
  };
  await writeJson(at("config.json"), { gate: { ...gate, maxMembershipAuc: 1, maxMembershipTpr: 1 } });
  const extractor = `onnx:${await writeExtractor(folder)}`;
  const sets = ["--train", at("skin"), "--holdout", at("skin"), "--synthetic", at("set")];
  audit = await call("audit", ...sets, "--features", extractor, "--threads", "1", "--out", at("audit"));
}, 240_000);

test("training images smuggled into a set, audited with a split that leaks, do not leave", {
  timeout: 240_000,
}, async () => {
  expect(audit.code).toBe(0);
  const first = audit.out.split("\n")[0];
  expect(first).toMatch(
    /^Do not release as it is: 3 synthetic images repeat training images; the split leaks \(3 held-out/,
  );
  const found = JSON.parse(await readFile(at("audit/audit.json"), "utf8"));
  expect(
    found.splitLeaks.map(({ train, holdout }: { train: string; holdout: string }) => [train, holdout]).sort(),
  ).toEqual([0, 1, 2].map((i) => [`images/00${i}.png`, `images/0${TRAIN + i}.png`]));
  const report = await readFile(at("audit/report.html"), "utf8");
  expect(report).toContain("<h2>Leaking split</h2>");
  expect(report.match(/near duplicate<\/strong>/g)).toHaveLength(2 * LEAKS);

  const training = ["--train", at("skin")];
  expect(await refusal()).toEqual(["no-run", "no-training", "split-leak"]);
  expect(await refusal(...training)).toEqual(["no-run", "split-leak"]);
  expect(await refusal(...training, "--without-run")).toEqual(["split-leak"]);
  expect(await refusal(...training, "--run", at("run"))).toEqual(["split-leak"]);
  // Found as copies they would be left out; an audit that says nothing of them leaves them to the run.
  await writeJson(at("audit/audit.json"), { ...found, copies: [], findings: [], splitLeaks: [], tests: found.tests });
  expect(await refusal(...training, "--run", at("run"))).toEqual(expect.arrayContaining(["not-drawn", "split-leak"]));
});

test("with --drop-duplicates the held-out images that repeat training images are left out, by name, and the gate agrees", {
  timeout: 240_000,
}, async () => {
  const next = /^Next: {5}ganglion (.*)$/m.exec(audit.out)![1]!;
  expect(next).toMatch(/ --drop-duplicates --out \S+\/audit-2$/);
  const dropped = await call(...next.split(" "));
  expect(dropped.code, dropped.err).toBe(0);
  const found = JSON.parse(await readFile(at("audit-2/audit.json"), "utf8"));
  expect([found.splitLeaks, found.holdout.n]).toEqual([[], HELD - LEAKS]);
  expect(found.protocol.dropped.map(({ holdout }: { holdout: string }) => holdout).sort()).toEqual(
    [0, 1, 2].map((i) => `images/0${TRAIN + i}.png`),
  );
  expect(found.verdict).not.toContain("the split leaks");
  expect(await readFile(at("audit-2/report.html"), "utf8")).toContain(`images/0${TRAIN}.png = images/000.png`);
  // The copies that the audit names are left out; nothing else is against the set.
  const release = [
    "release",
    at("set"),
    "--audit",
    at("audit-2"),
    "--config",
    at("config.json"),
    "--dry-run",
    "--json",
  ];
  const made = await call(...release, "--license", "MIT", "--train", at("skin"), "--without-run");
  expect([made.code, JSON.parse(made.out).removed.length], made.out).toEqual([0, 3]);
});
