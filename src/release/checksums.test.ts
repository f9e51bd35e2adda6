import { execFileSync } from "node:child_process";
import { appendFile, cp, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { writeFiles } from "../data/testing/fixtures.ts";
import { CHECKSUMS, verifyRelease, writeChecksums } from "./checksums.ts";

let folder: string;
let fingerprint: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFiles(join(folder, "good"), {
    "README.md": "card",
    "data/a b.png": "a",
    "data/c/d.png": "d",
    "data/ü.png": "u",
  });
  fingerprint = await writeChecksums(join(folder, "good"));
});

let spoilt = 0;
/** What verify says of a copy that was spoilt. */
async function spoil(change: (path: (name: string) => string) => Promise<unknown>, expected?: string) {
  const copy = join(folder, `spoilt-${++spoilt}`);
  await cp(join(folder, "good"), copy, { recursive: true });
  await change((name) => join(copy, name));
  const error = await failure(verifyRelease(copy, expected));
  expect([error.code, error.exitCode]).toEqual(["files", 1]);
  return error.problems.map(({ code, path }) => `${code} ${path}`);
}

test("a release as it was written verifies, by its fingerprint too", async () => {
  expect(await verifyRelease(join(folder, "good"))).toEqual({ files: 4, fingerprint });
  expect(await verifyRelease(join(folder, "good"), fingerprint.toUpperCase())).toMatchObject({ files: 4 });
  await writeChecksums(join(folder, "good"));
  expect(await verifyRelease(join(folder, "good"))).toEqual({ files: 4, fingerprint });
});

test("every altered, missing, added and linked file is named, all at once", async () => {
  expect(await spoil((at) => appendFile(at("data/c/d.png"), " "))).toEqual(["altered-file data/c/d.png"]);
  expect(await spoil((at) => rm(at("data/a b.png")))).toEqual(["missing-file data/a b.png"]);
  expect(await spoil((at) => writeFile(at("data/.hidden"), ""))).toEqual(["added-file data/.hidden"]);
  const link = async (at: (name: string) => string) => {
    await rename(at("README.md"), `${at("")}.moved`);
    await symlink(`${at("")}.moved`, at("README.md"));
  };
  expect(await spoil(link)).toEqual(["link README.md"]);
  const all = async (at: (name: string) => string) => {
    await rename(at("data/c/d.png"), at("data/c/e.png"));
    await writeFile(at("data/ü.png"), "v");
  };
  expect(await spoil(all)).toEqual(["missing-file data/c/d.png", "added-file data/c/e.png", "altered-file data/ü.png"]);
});

test("an added empty folder is named, and a pipe", async () => {
  expect(await spoil((at) => mkdir(at("extra")))).toEqual(["added-folder extra"]);
  expect(await spoil((at) => mkdir(at("data/c/one/two"), { recursive: true }))).toEqual([
    "added-folder data/c/one/two",
  ]);
  const other = async (at: (name: string) => string) => {
    execFileSync("mkfifo", [at("data/pipe")]);
    await mkdir(at("images"));
    await symlink("/nowhere", at("data/dead-link"));
  };
  expect(await spoil(other)).toEqual(["link data/dead-link", "link data/pipe", "added-folder images"]);
});

test("sums that were changed with the files are found by the fingerprint alone", async () => {
  const forge = async (at: (name: string) => string) => {
    await writeFile(at("README.md"), "forged");
    await writeChecksums(at(""));
  };
  expect(await spoil(forge, fingerprint)).toEqual([`fingerprint ${CHECKSUMS}`]);
});

test("sums that are no sums, lead outside or say things twice are refused", async () => {
  const sums = async (at: (name: string) => string, change: (text: string) => string) =>
    writeFile(at(CHECKSUMS), change(await readFile(at(CHECKSUMS), "utf8")));
  expect(await spoil((at) => sums(at, (text) => `hello\n${text}`))).toEqual([`checksum-line ${CHECKSUMS}:1`]);
  expect(await spoil((at) => sums(at, (text) => `${text}${"0".repeat(64)}  ../secret\n`))).toEqual([
    `checksum-line ${CHECKSUMS}:5`,
  ]);
  expect(await spoil((at) => sums(at, (text) => `${text}${text.split("\n")[0]}\n`))).toEqual([
    `checksum-line ${CHECKSUMS}:5`,
  ]);
  expect((await spoil((at) => sums(at, () => ""))).sort()[4]).toBe(`checksum-line ${CHECKSUMS}`);
});

test("a folder that is no release is one clear line", async () => {
  await mkdir(join(folder, "empty"));
  expect((await failure(verifyRelease(join(folder, "empty")))).message).toMatch(/has no SHA256SUMS; give the folder/);
});
