import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silent } from "../../core/progress.ts";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { startS3, TEST_KEYS, type TestS3 } from "../testing/s3-server.ts";
import { type ArtefactStore, openArtefactStore } from "./artefact-store.ts";
import { defineJob, type Job } from "./job.ts";
import { performJob } from "./perform-job.ts";
import { openS3Store } from "./s3-store.ts";

describe.each(["folder", "bucket"])("a store in a %s", (kind) => {
  const before = { ...process.env };
  let folder: string;
  let s3: TestS3;
  let store: ArtefactStore;
  const isThere = () => existsSync(join(folder, "victim", "artefact.json"));
  beforeEach(async () => {
    folder = await temporaryFolder();
    s3 = await startS3("bucket");
    Object.assign(process.env, TEST_KEYS, { AWS_ENDPOINT_URL: s3.endpoint });
    const root = join(folder, "store");
    store = kind === "folder" ? await openArtefactStore(root) : await openS3Store("s3://bucket/study", { cache: root });
    await mkdir(join(folder, "victim"));
    await mkdir(join(root, "artefacts"));
    writeFileSync(join(folder, "victim", "artefact.json"), "{}");
  });
  afterEach(async () => {
    process.env = { ...before };
    await s3.close();
  });

  const job = defineJob("k", "a job", { a: 1 });
  const wrong: [string, string][] = [
    ["../victim", "is not the id of an artefact"],
    ["/victim", "is not the id of an artefact"],
    [`${job.id}\n`, "is not the id of an artefact"],
    [job.id.toUpperCase(), "is not the id of an artefact"],
    ["", "is not the id of an artefact"],
  ];

  test.each(wrong)("does nothing for the id %j", async (id, words) => {
    const asked = s3.log.length;
    const asks: (() => Promise<unknown>)[] = [() => store.has(id), () => store.find(id), () => store.remove(id)];
    for (const ask of asks) {
      expect((await failure(ask())).message).toContain(words);
    }
    let called = false;
    const make = async () => {
      called = true;
    };
    expect((await failure(store.make({ ...job, id }, make))).message).toContain("64 hexadecimal digits");
    const handlers = { k: make };
    const options = { threads: 1, onProgress: silent, signal: new AbortController().signal };
    expect((await failure(performJob({ ...job, id }, store, handlers, options))).message).toContain("64 hexadecimal");
    const reader: Job = { ...job, inputs: { one: id } };
    expect((await failure(performJob(reader, store, handlers, options))).message).toContain("the id of an input");
    expect([called, isThere(), s3.log.length]).toEqual([false, true, asked]);
  });

  test("keeps nothing under an id that is not the hash of the job", async () => {
    const forged = { ...job, parameters: { a: 2 } };
    const write = (out: string) => writeFile(join(out, "value"), "forged");
    expect((await failure(store.make(forged, write))).message).toContain("its id is not the hash of its kind");
    expect(await store.find(job.id)).toBeNull();
    await store.make(job, (out) => writeFile(join(out, "value"), "right"));
    expect(await store.has(job.id)).toBe(true);
  });

  test("takes a manifest that speaks of other work for none", async () => {
    await store.make(job, (out) => writeFile(join(out, "value"), "right"));
    const change = (text: string) => text.replace('"a": 1', '"a": 2');
    const key = `study/artefacts/${job.id.slice(0, 2)}/${job.id}/artefact.json`;
    if (kind === "bucket") s3.objects.set(key, Buffer.from(change(s3.objects.get(key)!.toString())));
    else {
      const path = join((await store.find(job.id))!, "artefact.json");
      writeFileSync(path, change(readFileSync(path, "utf8")));
    }
    // Another process looks with fresh eyes.
    const fresh =
      kind === "folder"
        ? await openArtefactStore(store.root)
        : await openS3Store("s3://bucket/study", { cache: join(folder, "fresh") });
    expect(await fresh.has(job.id)).toBe(false);
    expect(await fresh.find(job.id)).toBeNull();
  });
});
