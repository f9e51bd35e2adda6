import { appendFile, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { writeJson } from "../../core/files.ts";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { CONFIG, writeAudit, writeCase } from "../../release/testing/case.ts";
import type { CommandEntry } from "../commands.ts";
import { callProgram } from "../testing/call-program.ts";
import { options } from "./release.ts";

const table: CommandEntry[] = [
  { name: "release", summary: "release", load: () => import("./release.ts") },
  { name: "verify", summary: "verify", load: () => import("./verify.ts") },
];

let folder: string;
const at = (name: string) => join(folder, name);
const call = (...argv: string[]) => callProgram(argv, table);
const release = (...words: string[]) =>
  call("release", at("set"), "--audit", at("audit"), "--config", at("config.json"), "--run", at("run"), ...words);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeCase(folder);
  await writeJson(at("config.json"), { gate: CONFIG.gate });
});

describe("release and verify", () => {
  test("a dry run decides and writes nothing", async () => {
    const { code, out, err } = await release("--dry-run");
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/may be released\n {2}12 images under CC0-1.0: melanoma 6, nevus 6\n/),
    ]);
    expect(err).not.toMatch(/were not drawn again/);
    expect(JSON.parse((await release("--dry-run", "--json", "--quiet")).out)).toMatchObject({
      released: true,
      written: false,
      folder: null,
      fingerprint: null,
    });
  });

  test("what was released verifies, what was changed does not", async () => {
    const made = JSON.parse((await release("--out", at("out"), "--json", "--quiet")).out);
    expect(made).toMatchObject({ written: true, images: 12, folder: at("out") });
    const good = await call("verify", at("out"), "--fingerprint", made.fingerprint);
    expect([good.code, good.out]).toEqual([0, expect.stringContaining(made.fingerprint)]);
    await appendFile(at("out/README.md"), "x");
    const bad = await call("verify", at("out"), "--json");
    expect([bad.code, JSON.parse(bad.out).error.problems]).toEqual([
      1,
      [expect.objectContaining({ code: "altered-file", path: "README.md" })],
    ]);
  });

  test("its name and who answers for it can be said without a file", async () => {
    expect((await release("--out", at("named"), "--name", "lesions-1", "--creator", "A clinic", "--quiet")).code).toBe(
      0,
    );
    const card = await readFile(at("named/README.md"), "utf8");
    expect(card).toContain("# lesions-1");
    expect(card).toContain("| responsible | A clinic |");
    expect(["lesions-1", "two words", "../x"].map((name) => options.shape.name.safeParse(name).success)).toEqual([
      ...[true, false, false],
    ]);
  });

  test("each format writes a release that verifies", async () => {
    expect((await release("--out", at("dicom"), "--format", "dicom", "--quiet")).code).toBe(0);
    expect((await call("verify", at("dicom"))).code).toBe(0);
  });

  test("SOURCE_DATE_EPOCH dates a release, nothing else does", async () => {
    process.env.SOURCE_DATE_EPOCH = "86400";
    try {
      expect((await release("--out", at("dated"), "--quiet")).code).toBe(0);
      process.env.SOURCE_DATE_EPOCH = "yesterday";
      expect((await release("--out", at("undated"), "--quiet")).code).toBe(2);
    } finally {
      delete process.env.SOURCE_DATE_EPOCH;
    }
    const { readFile } = await import("node:fs/promises");
    expect(await readFile(at("dated/croissant.json"), "utf8")).toContain('"datePublished": "1970-01-02"');
  });
});

describe("exit codes", () => {
  test("3 without the run, unless --without-run says so", async () => {
    const words = ["release", at("set"), "--audit", at("audit"), "--config", at("config.json"), "--dry-run"];
    const { code, err } = await call(...words);
    expect([code, err]).toEqual([3, expect.stringMatching(/--run: nothing proves .*--without-run.*\[no-run\]/)]);
    const stated = await call(...words, "--without-run");
    expect([stated.code, stated.err]).toEqual([0, expect.stringMatching(/not drawn again \(--without-run\)/)]);
    expect((await call(...words, "--without-run", "--run", at("run"))).code).toBe(2);
  });

  test("3 for a refusal, with every reason, for people and for programs", async () => {
    await writeAudit(at("audit-none"), at("set"), { tests: [] });
    const words = ["release", at("set"), "--audit", at("audit-none"), "--out", at("none")];
    const { code, err } = await call(...words);
    expect([code, err]).toEqual([
      3,
      expect.stringMatching(
        /is not released \(6 reasons\)\n.*\[no-run\]\n.*\[missing-test\]\n.*\[missing-test\]\n.*\[few-images\]\n.*\[few-images\]\n.*\[no-training\]/,
      ),
    ]);
    const json = await call(...words, "--json");
    expect([json.code, JSON.parse(json.out).error.code]).toEqual([3, "refused"]);
    await rm(at("audit-none"), { recursive: true });
  });

  test("2 for wrong words, 1 for inputs that are not there", async () => {
    expect((await call("release", at("set"), "--audit", at("audit"))).err).toMatch(/--out DIR is missing/);
    expect((await release("--dry-run", "--format", "zip")).code).toBe(2);
    expect((await release("--dry-run", "--license", "my own words!")).code).toBe(2);
    await writeJson(at("wrong.json"), { gate: { maxCopyShare: 2, maxAuc: 1 }, nam: "x" });
    const wrong = await call("release", at("set"), "--audit", at("audit"), "--config", at("wrong.json"), "--dry-run");
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/gate.maxCopyShare.*maxAuc.*nam/s)]);
    expect((await call("release", at("set"), "--audit", at("nowhere"), "--dry-run")).code).toBe(1);
    expect((await call("verify", at("set"))).code).toBe(1);
  });
});
