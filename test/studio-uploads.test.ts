// Uploads over HTTP as the page sends them, and as an attacker would.
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, realpath } from "node:fs/promises";
import { type ClientRequest, request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MACHINE } from "../src/core/process-owner.ts";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { type ForgedEntry, forgedZip } from "../src/data/readers/testing/forged-zip.ts";
import { writePhantom } from "../src/phantom/write.ts";
import type { Preview, UploadList, UploadState } from "../src/studio/project-api.ts";
import { type Studio, startStudio } from "../src/studio/server/start-studio.ts";
import { type AskOptions, ask } from "../src/studio/testing/request.ts";
import { UPLOAD_LIMITS } from "../src/studio/uploads/upload-limits.ts";

let root: string;
let project: string;
let studio: Studio;

beforeAll(async () => {
  root = await realpath(await temporaryFolder());
  await mkdir(join(root, "home"));
  await writePhantom(join(root, "lesions"), { count: 12, size: 16, seed: 1 });
  project = join(root, "work");
  studio = await open();
});
afterAll(() => studio.close());

const open = () => startStudio({ path: project, roots: [join(root, "home")], port: 0, note: () => undefined });
const headers = (type: string, own: Studio = studio) => ({
  authorization: `Bearer ${own.token}`,
  origin: `http://127.0.0.1:${own.port}`,
  "content-type": type,
});
const BYTES = "application/octet-stream";
let count = 0;
const newId = () => `0000aaaa${(++count).toString(16).padStart(8, "0")}`;

const post = (path: string, body: unknown, own: Studio = studio) =>
  ask(own.port, path, { method: "POST", headers: headers("application/json", own), body: JSON.stringify(body) });
const begin = (id: string, files: number, bytes: number, name = "skin") =>
  post("/api/uploads", { id, name, files, bytes });
const send = (id: string, path: string, body: string | Uint8Array, options: AskOptions = {}) =>
  ask(studio.port, `/api/uploads/${id}/files?${new URLSearchParams({ path })}`, {
    method: "POST",
    body,
    ...options,
    headers: { ...headers(BYTES), ...options.headers },
  });
const messageOf = ({ text }: { text: string }) => JSON.parse(text).error.message as string;
async function stateOf(id: string): Promise<UploadState> {
  const { text } = await ask(studio.port, `/api/uploads/${id}`, { headers: headers(BYTES) });
  return JSON.parse(text);
}
async function finished(id: string): Promise<UploadState> {
  await post(`/api/uploads/${id}/finish`, {});
  let state = await stateOf(id);
  while (state.state === "unpacking") state = await stateOf(id);
  return state;
}
/** All that lies in the folder of uploads, hidden too. */
const left = async (): Promise<string[]> => readdir(join(project, "uploads")).catch(() => []);
const kept = async () => {
  const { text } = await ask(studio.port, "/api/uploads", { headers: headers(BYTES) });
  return JSON.parse(text) as UploadList;
};
/** Uploads one file under a name. */
async function upload(path: string, body: Uint8Array, name = path): Promise<UploadState> {
  const id = newId();
  expect((await begin(id, 1, body.length, name)).status).toBe(201);
  const { status, text } = await send(id, path, body);
  expect(status, text).toBe(200);
  return finished(id);
}
const preview = async (path: string) => JSON.parse((await post("/api/project/preview", { path })).text) as Preview;

/** The images of a phantom with its table, as entries below a folder. */
async function lesions(top: string): Promise<ForgedEntry[]> {
  const entries: ForgedEntry[] = [];
  for (const name of ["metadata.csv", "dataset.json"]) {
    entries.push({ name: `${top}${name}`, data: await readFile(join(root, "lesions", name)), deflate: true });
  }
  for (const folder of ["images", "masks"]) {
    for (const name of await readdir(join(root, "lesions", folder))) {
      entries.push({ name: `${top}${folder}/${name}`, data: await readFile(join(root, "lesions", folder, name)) });
    }
  }
  return entries;
}

describe("an upload", () => {
  test("of files in folders becomes a folder of the project that can be looked at", async () => {
    const id = newId();
    const entries = await lesions("skin/");
    const bytes = entries.reduce((sum, { data }) => sum + data!.length, 0);
    expect((await begin(id, entries.length + 1, bytes + 4, "skin")).status).toBe(201);
    await Promise.all(entries.map(({ name, data }) => send(id, String(name), data!)));
    expect((await send(id, "skin/.DS_Store", "junk")).status).toBe(200);
    // Nothing of it is seen before it is whole.
    expect((await left()).every((name) => name.startsWith("."))).toBe(true);
    const state = await finished(id);
    expect(state).toMatchObject({ state: "done", files: entries.length, bytes, leftOut: 1, message: null });
    expect(state.path).toBe(join(project, "uploads/skin/skin"));
    expect(await preview(state.path!)).toMatchObject({ images: 12, id: expect.any(String) });
    expect(await left()).toEqual(["skin"]);
    // It is a source, not yet the data of the project; nor are synthetic images that come like this a set of it.
    const made = forgedZip([
      { name: "metadata.csv", data: Buffer.from("file_name\n") },
      { name: "provenance.jsonl", data: Buffer.from("{}\n") },
    ]);
    await upload("made.zip", made);
    const { steps, items } = JSON.parse((await ask(studio.port, "/api/project", { headers: headers(BYTES) })).text);
    expect(steps[0].state).toBe("missing");
    expect(items).toEqual([]);
  });

  test("of a zip archive is unpacked, without what macOS adds, and its one folder passed through", async () => {
    const entries = [
      { name: "lesions/", mode: 0o040755 },
      ...(await lesions("lesions/")),
      { name: "__MACOSX/lesions/._metadata.csv", data: Buffer.from("x") },
      { name: "lesions/.DS_Store", data: Buffer.from("x") },
    ];
    const state = await upload("photos.zip", forgedZip(entries));
    expect(state).toMatchObject({ state: "done", leftOut: 2, path: join(project, "uploads/photos/lesions") });
    expect(await preview(state.path!)).toMatchObject({ images: 12 });
    expect(await readFile(join(state.path!, "metadata.csv"))).toEqual(
      await readFile(join(root, "lesions/metadata.csv")),
    );
  });

  test("of the name of an earlier one gets the next free name; names become those of folders", async () => {
    const zip = forgedZip([{ name: "a.txt", data: Buffer.from("a") }]);
    expect((await upload("photos.zip", zip)).path).toBe(join(project, "uploads/photos-2"));
    expect((await upload("x.zip", zip, "../../out side?")).path).toBe(join(project, "uploads/out side"));
    expect((await upload("x.zip", zip, "..")).path).toBe(join(project, "uploads/upload"));
  });

  test("sent twice under one id is one; what is removed comes back until the studio ends", async () => {
    const id = newId();
    await Promise.all([begin(id, 1, 1), begin(id, 1, 1)]);
    await send(id, "a.txt", "a");
    await finished(id);
    expect((await finished(id)).state).toBe("done");
    const [{ name } = { name: "" }] = (await kept()).kept;
    expect((await post("/api/uploads/remove", { name })).status).toBe(200);
    expect((await kept()).kept.map((one) => one.name)).not.toContain(name);
    expect((await post("/api/uploads/restore", { name })).status).toBe(200);
    expect((await kept()).kept.map((one) => one.name)).toContain(name);
    for (const other of ["../work", "..", "nothing", "."]) {
      expect((await post("/api/uploads/remove", { name: other })).status, other).toBe(404);
    }
  });
});

describe("nothing is kept", () => {
  let before: string[];
  beforeEach(async () => {
    before = await left();
  });
  const nothing = async () => expect(await left()).toEqual(before);

  test.each<[what: string, entries: readonly ForgedEntry[], said: RegExp]>([
    ["a path outside", [{ name: "../../evil", data: Buffer.from("x") }], /leads out/],
    ["an absolute path", [{ name: "/etc/evil", data: Buffer.from("x") }], /leads out|absolute/],
    ["a path of Windows", [{ name: "..\\evil", data: Buffer.from("x") }], /leads out|backslash/],
    ["a link", [{ name: "a", data: Buffer.from("/etc/passwd"), mode: 0o120777 }], /link/],
    [
      "a link and a file through it",
      [
        { name: "a", data: Buffer.from("/tmp"), mode: 0o120777 },
        { name: "a/b", data: Buffer.from("x") },
      ],
      /link/,
    ],
    [
      "a file that is a folder too",
      [
        { name: "a", data: Buffer.from("x") },
        { name: "a/b", data: Buffer.from("x") },
      ],
      /a file|a folder|exists/,
    ],
    [
      "names that differ by case",
      [
        { name: "a.png", data: Buffer.from("x") },
        { name: "A.PNG", data: Buffer.from("y") },
      ],
      /same name/,
    ],
    ["an encrypted entry", [{ name: "a", data: Buffer.from("x"), flags: 1 }], /encrypted/],
    ["a bomb by its ratio", [{ name: "a", data: Buffer.alloc(70 * 2 ** 20), deflate: true }], /zip bomb/],
    [
      "a bomb in pieces",
      Array.from({ length: 8 }, (_, i) => ({ name: `${i}`, data: Buffer.alloc(10 * 2 ** 20), deflate: true })),
      /zip bomb/,
    ],
    [
      "a bomb that shares its data",
      Array.from({ length: 50 }, (_, i) => ({
        name: `${i}`,
        data: Buffer.alloc(9000),
        ...(i > 0 ? { shares: 0 } : {}),
      })),
      /zip bomb/,
    ],
    [
      "one that says less than it holds",
      [{ name: "a", data: Buffer.alloc(5000, 7), declared: 60, deflate: true }],
      /more than the 60 bytes/,
    ],
    [
      "one that says more than all limits",
      [
        { name: "a", data: Buffer.from("x"), declared: 2 ** 31, zip64: true },
        ...Array.from({ length: 9 }, (_, i) => ({
          name: `b${i}`,
          data: Buffer.from("x"),
          declared: 2 ** 31,
          zip64: true,
        })),
      ],
      /zip bomb|at most/,
    ],
    ["an empty one", [], /no files|empty/],
    ["one of hidden files alone", [{ name: ".a", data: Buffer.from("x") }], /no files/],
  ])("of a zip with %s", async (_, entries, said) => {
    const state = await upload("evil.zip", forgedZip(entries));
    expect(state).toMatchObject({ state: "failed", path: null, message: expect.stringMatching(said) });
    // In words of the archive, not of where it lay.
    expect(state.message).not.toContain(root);
    await nothing();
    expect(existsSync(join(root, "evil"))).toBe(false);
  });

  test("of a damaged, a cut and a foreign archive", async () => {
    const whole = forgedZip([{ name: "a.png", data: Buffer.alloc(3000, 7), deflate: true }]);
    const flipped = Buffer.from(whole);
    flipped[40]! ^= 0xff;
    for (const bytes of [flipped, whole.subarray(0, whole.length - 30), Buffer.from("no zip"), Buffer.alloc(64)]) {
      expect((await upload("a.zip", bytes)).state).toBe("failed");
    }
    await nothing();
  });

  test("of one file in a path outside, absolute, or of a forged name", async () => {
    for (const path of ["../a", "/etc/a", "a/../../b", "C:/a", "a\\b", "a\0", "..", "a//b", `${"x".repeat(300)}`]) {
      const id = newId();
      await begin(id, 1, 1);
      const answer = await send(id, path, "x");
      expect([400, 409], path).toContain(answer.status);
      await post(`/api/uploads/${id}/cancel`, {});
    }
    await nothing();
    expect(await readdir(root)).toEqual(["home", "lesions", "work"]);
  });

  test("of 10 GB that are announced, and of 10 GB that are not", async () => {
    const large = await begin(newId(), 1, 10e9);
    expect([large.status, messageOf(large)]).toEqual([409, expect.stringContaining(String(UPLOAD_LIMITS.bytes))]);
    expect((await begin(newId(), 10 * UPLOAD_LIMITS.files, 1)).status).toBe(409);
    for (const stated of [true, false]) {
      const id = newId();
      await begin(id, 1, 2 ** 20);
      const [status, sent] = await flood(id, stated);
      expect([409, 0]).toContain(status);
      // It was cut off long before.
      expect(sent).toBeLessThan(256 * 2 ** 20);
      expect(await stateOf(id)).toMatchObject({ state: "failed", message: expect.stringContaining("announced") });
    }
    await nothing();
    expect((await ask(studio.port, "/api/workspace", { headers: headers(BYTES) })).status).toBe(200);
  });

  test("of more files than were announced, or fewer", async () => {
    const more = newId();
    await begin(more, 1, 100);
    await send(more, "a", "x");
    expect((await send(more, "b", "x")).status).toBe(409);
    const fewer = newId();
    await begin(fewer, 2, 100);
    await send(fewer, "a", "x");
    expect((await post(`/api/uploads/${fewer}/finish`, {})).status).toBe(409);
    await nothing();
  });

  test("of one that is cancelled, or whose browser goes away in the middle of a file", async () => {
    const id = newId();
    await begin(id, 1, 1000);
    const cut = sending(id, "a.png", 1000);
    cut.write(Buffer.alloc(300));
    await expect.poll(async () => (await stateOf(id)).bytes).toBe(300);
    cut.destroy();
    await expect.poll(async () => (await stateOf(id)).state).toBe("failed");
    const other = newId();
    await begin(other, 2, 1000);
    const open = sending(other, "a.png", 500);
    open.write(Buffer.alloc(300));
    await expect.poll(async () => (await stateOf(other)).bytes).toBe(300);
    expect((await post(`/api/uploads/${other}/cancel`, {})).status).toBe(200);
    expect((await send(other, "b.png", "x")).status).toBe(409);
    await expect.poll(left).toEqual(before);
    open.destroy();
  });

  test("of one that a killed studio left, while that of a living one stays", async () => {
    const dead = join(project, `uploads/.aaaaaaaaaaaa.${MACHINE}.${2 ** 22 - 1}-1.part`);
    await mkdir(join(dead, "files"), { recursive: true });
    const id = newId();
    await begin(id, 1, 1);
    const other = await open();
    expect(existsSync(dead)).toBe(false);
    await other.close();
    await send(id, "a.txt", "a");
    expect((await finished(id)).state).toBe("done");
  });
});

/** Begins to send a file of so many bytes. */
function sending(id: string, path: string, length: number | null): ClientRequest {
  const sent = request({
    host: "127.0.0.1",
    port: studio.port,
    path: `/api/uploads/${id}/files?path=${path}`,
    method: "POST",
    agent: false,
    headers: { ...headers(BYTES), ...(length === null ? {} : { "content-length": String(length) }) },
  });
  sent.on("error", () => undefined);
  return sent;
}

/** Sends 10 GB, or as much as is taken. @returns status (0 where the connection was cut first) and bytes that went off */
async function flood(id: string, stated: boolean): Promise<[status: number, sent: number]> {
  const sent = sending(id, "a.png", stated ? 10e9 : null);
  const piece = Buffer.alloc(2 ** 20);
  let over = false;
  let status = 0;
  sent.on("response", (response) => {
    status = response.statusCode ?? 0;
    over = true;
    response.resume();
  });
  sent.on("close", () => {
    over = true;
  });
  let bytes = 0;
  while (!over && bytes < 10e9) {
    const room = sent.write(piece);
    bytes += piece.length;
    if (!room)
      await Promise.race(
        [once(sent, "drain"), once(sent, "close"), once(sent, "response")].map((p) => p.catch(() => 0)),
      );
    await new Promise(setImmediate);
  }
  sent.destroy();
  return [status, bytes];
}

describe("who may not", () => {
  const sent = async (id: string, extra: Record<string, string>, own = headers(BYTES)) => {
    const { status } = await ask(studio.port, `/api/uploads/${id}/files?path=a.txt`, {
      method: "POST",
      body: "x",
      headers: { ...own, ...extra },
    });
    return status;
  };

  test("send a file: a foreign host or origin, a form, nobody, and JSON in its place", async () => {
    const id = newId();
    await begin(id, 1, 1);
    expect(await sent(id, { host: "evil.example" })).toBe(403);
    expect(await sent(id, { origin: "http://evil.example" })).toBe(403);
    expect(await sent(id, { "sec-fetch-site": "cross-site" })).toBe(403);
    const { origin: _, ...withoutOrigin } = headers(BYTES);
    expect(await sent(id, {}, withoutOrigin as never)).toBe(403);
    expect(await sent(id, { authorization: "Bearer x" })).toBe(401);
    for (const type of ["multipart/form-data", "text/plain", "application/x-www-form-urlencoded", "application/json"]) {
      expect(await sent(id, { "content-type": type }), type).toBe(415);
    }
    expect(await stateOf(id)).toMatchObject({ state: "receiving", files: 0, bytes: 0 });
    expect(await sent(id, {})).toBe(200);
    expect((await finished(id)).state).toBe("done");
  });

  test("send bytes anywhere else", async () => {
    for (const path of ["/api/jobs", "/api/uploads", "/api/uploads/x/finish", "/api/studies"]) {
      const { status } = await ask(studio.port, path, { method: "POST", headers: headers(BYTES), body: "x" });
      expect(status, path).toBe(415);
    }
  });

  test("fill the project by many uploads at once, nor bring the studio down by 1,000 requests", async () => {
    const ids = Array.from({ length: 100 }, newId);
    const begun = await Promise.all(ids.map((id) => begin(id, 1, 1)));
    expect(begun.filter(({ status }) => status === 201)).toHaveLength(UPLOAD_LIMITS.atOnce);
    const paths = ["/api/project", "/api/workspace", "/api/uploads", "/api/jobs/x", "/", "/api/uploads/x/finish"];
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => {
        const path = paths[i % paths.length]!;
        return path.endsWith("finish") ? post(path, {}) : ask(studio.port, path, { headers: headers(BYTES) });
      }),
    );
    const allowed = new Set([200, 404]);
    expect(answers.filter(({ status }) => !allowed.has(status)).map(({ status, text }) => [status, text])).toEqual([]);
    await Promise.all(ids.map((id) => post(`/api/uploads/${id}/cancel`, {})));
    expect((await left()).filter((name) => name.startsWith("."))).toEqual([]);
    expect((await ask(studio.port, "/api/project", { headers: headers(BYTES) })).status).toBe(200);
  });
});

test("a studio that closes leaves nothing of an upload that is under way", async () => {
  const own = await startStudio({ path: join(root, "closing"), port: 0, note: () => undefined });
  const id = newId();
  expect((await post("/api/uploads", { id, name: "a", files: 2, bytes: 10 }, own)).status).toBe(201);
  expect(await readdir(join(root, "closing/uploads"))).toHaveLength(1);
  await own.close();
  expect(await readdir(join(root, "closing/uploads"))).toEqual([]);
});

test("an archive among other files is not guessed at", async () => {
  const id = newId();
  await begin(id, 2, 100);
  await send(id, "a.zip", forgedZip([{ name: "a", data: Buffer.from("x") }]).subarray(0, 90));
  await send(id, "b.png", "x");
  expect((await finished(id)).message).toContain("unpack them first");
});
