import { chmodSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { openQueueKey, queueKey } from "./queue-key.ts";

let folder: string;
let store: { id: string; address: string };
beforeEach(async () => {
  folder = await temporaryFolder();
  store = { id: "a".repeat(24), address: folder };
});
const SECRET = "0123456789abcdef0123456789abcdef";
const signs = async (...[sources]: [Parameters<typeof openQueueKey>[1]?]) =>
  (await openQueueKey(store, sources)).sign("job", "", "text");

test("a signature holds for one key, store, kind, job and text", () => {
  const key = queueKey(SECRET, "store");
  const signature = key.sign("news", "job", "text");
  expect(key.verify("news", "job", "text", signature)).toBe(true);
  expect(key.verify("failure", "job", "text", signature)).toBe(false);
  expect(key.verify("news", "job2", "text", signature)).toBe(false);
  expect(key.verify("news", "job", "text2", signature)).toBe(false);
  expect(key.verify("news", "jobt", "ext", signature)).toBe(false);
  expect(queueKey(SECRET, "other").verify("news", "job", "text", signature)).toBe(false);
  expect(queueKey(`${SECRET}0`, "store").verify("news", "job", "text", signature)).toBe(false);
  for (const wrong of ["", "é".repeat(64), signature.toUpperCase(), `${signature}0`]) {
    expect(key.verify("news", "job", "text", wrong)).toBe(false);
  }
});

test("a folder gets a key of its own, for its owner alone, which all who open it share", async () => {
  const all = await Promise.all([signs(), signs(), signs()]);
  expect(new Set(all).size).toBe(1);
  const path = join(folder, "queue.key");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  rmSync(path);
  expect(await signs()).not.toBe(all[0]);
});

test("a key that others can read is told of; one that is a link is not used", async () => {
  await signs();
  const path = join(folder, "queue.key");
  chmodSync(path, 0o644);
  const notes: string[] = [];
  await openQueueKey(store, {}, (line) => notes.push(line));
  expect(notes).toEqual([`${path} can be read by others; chmod 600 ${path}`]);
  rmSync(path);
  writeFileSync(join(folder, "elsewhere"), `${SECRET}\n`);
  symlinkSync("elsewhere", path);
  expect((await failure(openQueueKey(store))).message).toContain("is a link, which a key of a store never is");
});

test("a file goes before the environment, that before the store; white space around a key is none of it", async () => {
  const file = join(folder, "given.key");
  writeFileSync(file, `  ${SECRET}\n`);
  expect(await signs({ file, text: "x".repeat(40) })).toBe(await signs({ text: SECRET }));
  expect(await signs({ text: SECRET })).not.toBe(await signs());
});

test("a bucket needs a key that is given, and a short one is refused without showing it", async () => {
  const bucket = { ...store, address: "s3://bucket/x" };
  const { message, exitCode } = await failure(openQueueKey(bucket));
  expect(message).toContain("give it with --queue-key-file or in GANGLION_QUEUE_KEY");
  expect(exitCode).toBe(2);
  const short = await failure(openQueueKey(bucket, { text: "geheim" }));
  expect(short.message).toContain("GANGLION_QUEUE_KEY has 6 characters; a key has at least 32");
  expect(short.message).not.toContain("geheim");
  expect((await failure(openQueueKey(bucket, { file: join(folder, "none") }))).message).toContain("no such file");
});
