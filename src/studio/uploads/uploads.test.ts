import { existsSync, utimesSync } from "node:fs";
import { mkdir, readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { forgedZip } from "../../data/readers/testing/forged-zip.ts";
import { UPLOAD_LIMITS } from "./upload-limits.ts";
import { Uploads } from "./uploads.ts";

const root = await realpath(await temporaryFolder());
let count = 0;
const newId = () => (++count).toString(16).padStart(12, "0");
const bytesOf = (bytes: Uint8Array) => new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();

async function opened(limits: Partial<typeof UPLOAD_LIMITS> = {}): Promise<{ project: string; uploads: Uploads }> {
  const project = join(root, `p${++count}`);
  await mkdir(project);
  return { project, uploads: await Uploads.open(project, { ...UPLOAD_LIMITS, ...limits }) };
}
async function zipped(uploads: Uploads, zip: Uint8Array) {
  const id = newId();
  await uploads.begin({ id, name: "a.zip", files: 1, bytes: zip.length });
  await uploads.receive(id, "a.zip", zip.length, bytesOf(zip));
  await uploads.finish(id);
  await expect.poll(() => uploads.state(id)?.state).not.toBe("unpacking");
  return uploads.state(id)!;
}

test("an upload of which nothing is heard is given up, and one that goes on is not", async () => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const { project, uploads } = await opened({ silence: 300 });
  const closing = new AbortController();
  uploads.watch(closing.signal);
  const [silent, busy] = [newId(), newId()];
  await uploads.begin({ id: silent, name: "a", files: 2, bytes: 10 });
  await uploads.begin({ id: busy, name: "b", files: 20, bytes: 100 });
  for (let i = 0; i < 8; i++) {
    await uploads.receive(busy, `${i}.txt`, 1, bytesOf(Buffer.from("x")));
    vi.advanceTimersByTime(120);
  }
  // What was given up is cleared away by and by.
  await expect.poll(() => uploads.state(silent)?.state).toBe("failed");
  expect(uploads.state(busy)).toMatchObject({ state: "receiving", files: 8 });
  expect(uploads.state(silent)).toMatchObject({
    state: "failed",
    message: expect.stringContaining("nothing was received"),
  });
  closing.abort();
  await uploads.cancel(busy);
  expect(await readdir(join(project, "uploads"))).toEqual([]);
});

test("limits hold to the byte and the file", async () => {
  const { project, uploads } = await opened({ bytes: 100, files: 3, unpackedBytes: 1000 });
  await uploads.begin({ id: newId(), name: "a", files: 3, bytes: 100 });
  expect((await failure(uploads.begin({ id: newId(), name: "a", files: 1, bytes: 101 }))).message).toContain(
    "at most 100",
  );
  expect((await failure(uploads.begin({ id: newId(), name: "a", files: 4, bytes: 1 }))).message).toContain("at most 3");
  const wide = (await opened({ files: 3, unpackedBytes: 1000 })).uploads;
  const files = (n: number, size = 1) =>
    Array.from({ length: n }, (_, i) => ({ name: `${i}`, data: Buffer.alloc(size) }));
  expect(await zipped(wide, forgedZip(files(3)))).toMatchObject({ state: "done" });
  expect(await zipped(wide, forgedZip(files(4)))).toMatchObject({
    message: expect.stringContaining("at most 3 are taken"),
  });
  expect(await zipped(wide, forgedZip(files(7)))).toMatchObject({
    message: expect.stringContaining("at most 6 are read"),
  });
  expect(await zipped(wide, forgedZip(files(1, 1000)))).toMatchObject({ state: "done" });
  expect(await zipped(wide, forgedZip(files(1, 1001)))).toMatchObject({
    message: expect.stringContaining("at most 1000"),
  });
  await uploads.close();
  expect(await readdir(join(project, "uploads"))).toEqual([]);
});

test("a zip that is cancelled while it is unpacked leaves nothing", async () => {
  const { project, uploads } = await opened();
  const zip = forgedZip(Array.from({ length: 400 }, (_, i) => ({ name: `d${i}/a.png`, data: Buffer.alloc(2000, i) })));
  const id = newId();
  await uploads.begin({ id, name: "a", files: 1, bytes: zip.length });
  await uploads.receive(id, "a.zip", null, bytesOf(zip));
  await uploads.finish(id);
  await expect.poll(() => uploads.state(id)?.unpacked?.done ?? 0, { interval: 1 }).toBeGreaterThan(0);
  expect((await uploads.cancel(id))?.state).toBe("cancelled");
  expect(await readdir(join(project, "uploads"))).toEqual([]);
});

test("what a studio of an earlier boot left goes when it was not touched for a day", async () => {
  const { project } = await opened();
  const left = (name: string) => join(project, "uploads", `.${name}.0123456789ab.17-5.part`);
  for (const name of ["aaaaaaaaaaaa", "bbbbbbbbbbbb"]) await mkdir(left(name), { recursive: true });
  const before = new Date(Date.now() - 25 * 3_600_000);
  utimesSync(left("aaaaaaaaaaaa"), before, before);
  await Uploads.open(project);
  expect([existsSync(left("aaaaaaaaaaaa")), existsSync(left("bbbbbbbbbbbb"))]).toEqual([false, true]);
});
