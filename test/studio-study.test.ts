import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../src/core/testing/fixtures.ts";
import type { WatchedStudy, Workspace } from "../src/studio/api.ts";
import { type Studio, startStudio } from "../src/studio/server/start-studio.ts";
import { ask } from "../src/studio/testing/request.ts";
import { type StudyMoment, studyProgress } from "../src/studio/testing/study-progress.ts";
import { writeStudyProgress } from "../src/study/watch/progress-file.ts";

const SECRET = "not-for-anyone-outside";
let root: string;
let work: string;
let studio: Studio;
let id: string;
const noted: string[] = [];
const start = (path: string) => startStudio({ path, port: 0, note: (message) => noted.push(message) });

/** Writes where a study stands, as if its process had written it some seconds ago. */
const write = (folder: string, moment: StudyMoment, secondsAgo = 0) =>
  writeStudyProgress(folder, studyProgress(moment, new Date(Date.now() - 1000 * secondsAgo).toISOString()));

beforeAll(async () => {
  root = await temporaryFolder();
  work = join(root, "work");
  await write(join(work, "trial"), "half");
  // What a store holds is no dataset.
  await mkdir(join(work, "trial/store/nevus"), { recursive: true });
  await writeFile(join(work, "trial/store/nevus/1.png"), "no image");
  await write(join(work, "old"), "begun");
  await writeFile(join(work, "old/progress.json"), JSON.stringify({ format: "ganglion.study-progress/0" }));
  await writeFile(join(root, "secret.csv"), SECRET);
  studio = await start(work);
  id = (await get<Workspace>("/api/workspace")).watched[0]!.id;
});
afterAll(() => studio.close());

const known = (path: string) => ask(studio.port, path, { headers: { authorization: `Bearer ${studio.token}` } });
async function get<T>(path: string): Promise<T> {
  const { status, text } = await known(path);
  expect(status, path).toBe(200);
  return JSON.parse(text) as T;
}
const look = () => get<WatchedStudy>(`/api/watch/${id}`);

describe("a study", () => {
  test("is listed beside runs and datasets, or opened itself; one of another version is said and left out", async () => {
    expect(studio.opened).toEqual({ runs: 0, studies: 1, datasets: 0 });
    expect((await get<Workspace>("/api/workspace")).watched).toEqual([{ id, name: "trial" }]);
    expect(noted.filter((message) => message.includes("not the progress of a study of this version"))).toHaveLength(1);
    const one = await start(join(work, "trial"));
    expect(one.opened).toEqual({ runs: 0, studies: 1, datasets: 0 });
    await one.close();
    expect((await failure(start(join(work, "old")))).message).toContain("not the progress of a study");
    await mkdir(join(root, "empty"));
    // An empty folder is a project that has not begun.
    const empty = await start(join(root, "empty"));
    expect(empty.opened).toEqual({ runs: 0, studies: 0, datasets: 0 });
    await empty.close();
  });

  test("says where it stands, and that it was interrupted once nothing is heard of it", async () => {
    await write(join(work, "trial"), "half");
    const watched = await look();
    expect(watched.progress.arms).toHaveLength(9);
    expect([watched.interrupted, watched.files]).toEqual([false, []]);
    await write(join(work, "trial"), "half", 50);
    expect((await look()).interrupted).toBe(false);
    await write(join(work, "trial"), "half", 70);
    expect((await look()).interrupted).toBe(true);
    await write(join(work, "trial"), "done", 70);
    expect(await look()).toMatchObject({ interrupted: false, progress: { state: "done" } });
  });

  test("is followed: events bring what has changed", async () => {
    await write(join(work, "trial"), "begun");
    const stop = new AbortController();
    const response = await fetch(`http://127.0.0.1:${studio.port}/api/watch/${id}/events`, {
      headers: { authorization: `Bearer ${studio.token}` },
      signal: stop.signal,
    });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = "";
    const event = async (): Promise<WatchedStudy> => {
      while (!text.includes("\n\n")) text += new TextDecoder().decode((await reader.read()).value);
      const [first] = text.split("\n\n", 1);
      text = text.slice(first!.length + 2);
      return JSON.parse(first!.replace(/^data: /, ""));
    };
    expect((await event()).progress.estimates).toEqual([]);
    await write(join(work, "trial"), "half");
    expect((await event()).progress.estimates).toHaveLength(2);
    stop.abort();
  });

  test("needs the token, and an id that was given", async () => {
    for (const path of ["", "/events", "/files/report.html"]) {
      expect((await ask(studio.port, `/api/watch/${id}${path}`)).status, path).toBe(401);
      expect((await known(`/api/watch/other${path}`)).status, path).toBe(404);
    }
  });
});

describe("the results of a study", () => {
  const file = (name: string) => known(`/api/watch/${id}/files/${name}`);

  beforeAll(async () => {
    await writeFile(join(work, "trial/report.html"), "<!doctype html><title>report</title>");
    await writeFile(join(work, "trial/table.md"), "| arm |");
    await writeFile(join(work, "trial/private.html"), SECRET);
    await symlink(join(root, "secret.csv"), join(work, "trial/table.csv"));
  });
  afterAll(() => rm(join(work, "trial/table.csv")));

  test("are listed once they are there, a report may do nothing but be read, the rest is downloaded", async () => {
    expect((await look()).files).toEqual(["report.html", "table.md"]);
    const report = await file("report.html");
    expect(report.text).toContain("<title>report</title>");
    expect(report.headers["content-security-policy"]).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox",
    );
    expect(report.headers).toMatchObject({ "x-content-type-options": "nosniff", "cache-control": "private, no-store" });
    expect((await file("table.md")).headers["content-disposition"]).toBe('attachment; filename="table.md"');
    // Everything else keeps the policy of the page.
    expect((await file("table.md")).headers["content-security-policy"]).toContain("script-src 'self'");
    expect((await look()) && (await known("/api/workspace")).headers["cross-origin-opener-policy"]).toBe("same-origin");
  });

  test.each([
    "table.csv",
    "private.html",
    "progress.json",
    "store",
    "..%2f..%2fsecret.csv",
    "%2e%2e/old/progress.json",
    "constructor",
    "table.md%00",
  ])("and nothing else is sent: %s", async (name) => {
    const { status, text } = await file(name);
    expect(status).toBe(404);
    expect(text).not.toContain(SECRET);
  });
});
