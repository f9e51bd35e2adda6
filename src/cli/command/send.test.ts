import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { writeJson } from "../../core/files.ts";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { CONFIG, writeCase } from "../../release/testing/case.ts";
import type { CommandEntry } from "../commands.ts";
import { callProgram } from "../testing/call-program.ts";
import { openSmallPacs, type SmallPacs } from "../testing/small-pacs.ts";

const table: CommandEntry[] = [
  { name: "release", summary: "release", load: () => import("./release.ts") },
  { name: "send", summary: "send", load: () => import("./send.ts") },
];

let folder: string;
let service: SmallPacs;
let pacs: string;
const at = (name: string) => join(folder, name);
const call = (...argv: string[]) => callProgram(argv, table);
const release = (...words: string[]) =>
  call("release", at("set"), "--audit", at("audit"), "--config", at("config.json"), "--run", at("run"), ...words);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeCase(folder);
  await writeJson(at("config.json"), { gate: CONFIG.gate });
  await writeFile(at("token.txt"), "Bearer right\n");
  service = await openSmallPacs("Bearer right");
  pacs = service.url;
  expect((await release("--out", at("dicom"), "--format", "dicom", "--quiet")).code).toBe(0);
  expect((await release("--out", at("pictures"), "--quiet")).code).toBe(0);
});
beforeEach(() => {
  service.requests.length = 0;
});
afterAll(() => service.close());

test("sends every object of a release to the named service, with the token of the file", async () => {
  const { code, out } = await call("send", at("dicom"), "--stow", pacs, "--stow-authorization", at("token.txt"));
  expect([code, out]).toEqual([0, expect.stringContaining("/dicom-web/studies stored 12 objects of ")]);
  expect(service.requests).toEqual([{ path: "/dicom-web/studies", token: "Bearer right", objects: 12 }]);
});

test("takes the token from the environment", async () => {
  process.env.GANGLION_STOW_AUTHORIZATION = "Bearer right";
  try {
    const { code, out } = await call("send", at("dicom"), "--stow", pacs, "--json", "--quiet");
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ stored: 12, requests: 1 })]);
  } finally {
    delete process.env.GANGLION_STOW_AUTHORIZATION;
  }
});

test("fails with the reason where it may not store", async () => {
  const { code, err } = await call("send", at("dicom"), "--stow", pacs);
  expect([code, err]).toEqual([1, expect.stringContaining("answered 401")]);
});

test("release sends what it wrote when it is told where to, and only then", async () => {
  const words = ["--out", at("sent"), "--format", "dicom", "--stow-authorization", at("token.txt")];
  const { code, out } = await release(...words, "--stow", pacs, "--json", "--quiet");
  expect([code, JSON.parse(out).sent]).toEqual([0, { url: `${pacs}/studies`, stored: 12, requests: 1 }]);
  service.requests.length = 0;
  expect((await release(...words.with(1, at("kept")), "--quiet")).code).toBe(0);
  expect(service.requests).toEqual([]);
});

test("sends nothing but a release in DICOM as it was written", async () => {
  const pictures = await call("send", at("pictures"), "--stow", pacs);
  expect([pictures.code, pictures.err]).toEqual([1, expect.stringMatching(/release --format dicom/)]);
  await appendFile(at("dicom/metadata.csv"), "\n");
  const changed = await call("send", at("dicom"), "--stow", pacs);
  expect([changed.code, changed.err]).toEqual([1, expect.stringMatching(/metadata\.csv/)]);
  expect(service.requests).toEqual([]);
});

test("wrong words are usage, before any work", async () => {
  expect((await call("send", at("dicom"))).code).toBe(2);
  expect((await call("send", at("dicom"), "--stow", "pacs")).code).toBe(2);
  const pictures = await release("--out", at("no"), "--stow", pacs);
  expect([pictures.code, pictures.err]).toEqual([2, expect.stringContaining("add --format dicom")]);
  expect((await release("--dry-run", "--format", "dicom", "--stow", pacs)).code).toBe(2);
  expect(service.requests).toEqual([]);
});
