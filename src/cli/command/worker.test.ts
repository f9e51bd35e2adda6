import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { silent } from "../../core/progress.ts";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { freePort } from "../../core/testing/free-port.ts";
import { openArtefactStore } from "../../study/jobs/artefact-store.ts";
import { defineJob } from "../../study/jobs/job.ts";
import { openQueueKey } from "../../study/queue/queue-key.ts";
import { openQueueRunner } from "../../study/queue/queue-runner.ts";
import { missingRedis, startRedis, type TestRedis } from "../../study/testing/redis.ts";
import { parseOptions } from "../options.ts";
import { configure, run, options as schema } from "./worker.ts";

function options(...words: string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  configure(command);
  return parseOptions(schema, command.parse(words, { from: "user" }).opts());
}

function context(signal = new AbortController().signal) {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  return { lines, seed: 0, version: "test", progress: silent, note: say, warn: say, signal };
}

test("a Redis that is not there is said without its password", async () => {
  const port = await freePort();
  const words = options("--queue", `redis://:geheim@127.0.0.1:${port}`, "--store", "here");
  const error = await failure(run([], words, context()));
  expect(error.message).toContain(`cannot use Redis at 127.0.0.1:${port}: nobody listens there`);
  expect(error.message).not.toContain("geheim");
  expect(error.exitCode).toBe(1);
  const wrong = await failure(run([], options("--queue", "http://:geheim@host", "--store", "here"), context()));
  expect(wrong.exitCode).toBe(2);
  expect(wrong.message).not.toContain("geheim");
});

test("a password never comes back from what was given", async () => {
  const port = await freePort();
  const folder = await temporaryFolder();
  const file = join(folder, "password");
  const told = async (...words: string[]) => {
    const here = context();
    const error = await failure(run([], options("--store", folder, ...words), here));
    const said = [error.message, ...here.lines].join("\n");
    expect(said).not.toContain("geheim");
    return said;
  };
  const seen =
    "the password in --queue is visible to everyone who lists processes (`ps`); use --queue-password-file instead";
  expect(await told("--queue", `redis://:geheim@127.0.0.1:${port}`)).toContain(seen);
  expect(await told("--queue", "redis://:ge/geheim@host")).toContain("--queue redis://***@host is not the address");
  expect(await told("--queue", "name:geheim@host:6379")).toContain("--queue ***@host:6379 is not the address");
  const address = ["--queue", `redis://127.0.0.1:${port}`];
  expect(await told(...address, "--queue-password-file", file)).toContain(`cannot read ${file}`);
  writeFileSync(file, "\n");
  expect(await told(...address, "--queue-password-file", file)).toContain("the file is empty");
  writeFileSync(file, "geheim\n");
  expect(await told(...address, "--queue-password-file", file)).toContain("nobody listens there");
  const both = await told("--queue", `redis://:geheim@127.0.0.1:${port}`, "--queue-password-file", file);
  expect(both).toContain("remove one of them");
});

describe.skipIf(missingRedis("no worker is tested"))("a worker", () => {
  let folder: string;
  let redis: TestRedis;
  beforeAll(async () => {
    folder = await temporaryFolder();
    redis = await startRedis(folder, "right");
  });
  afterAll(() => redis.kill());

  test("says what is wrong with the password or the store", async () => {
    const told = async (queue: string, store: string) =>
      (await failure(run([], options("--queue", queue, "--store", store), context()))).message;
    const host = `127.0.0.1:${redis.port}`;
    expect(await told(`redis://${host}`, folder)).toContain(`Redis at ${host}: it wants a password`);
    const refused = await told(`redis://:wrong@${host}`, folder);
    expect(refused).toContain("it refuses the password");
    expect(refused).not.toContain(":wrong@");
    const file = join(folder, "password.txt");
    writeFileSync(file, "wrong\n");
    const words = ["--queue", `redis://${host}`, "--queue-password-file", file, "--store", join(folder, "none")];
    const asked = async () => (await failure(run([], options(...words), context()))).message;
    expect(await asked()).toContain("it refuses the password");
    writeFileSync(file, "right\n");
    expect(await asked()).toContain("there is no folder");
    expect(await told(redis.address, join(folder, "none"))).toContain("there is no folder");
    expect(await told(redis.address, "https://name:geheim@host/x")).toContain(
      "--store https://***@host/x is no place for a store",
    );
    expect(await told(redis.address, "s3://name:geheim@host/x")).toContain(
      "--store s3://***@host/x is not the address",
    );
    const other = join(folder, "other");
    mkdirSync(other);
    writeFileSync(join(other, "letter.txt"), "");
    expect(await told(redis.address, other)).toContain("other files (letter.txt) and is no store of a study");
  });

  test("does jobs until it is stopped or has none, and counts them", async () => {
    const store = await openArtefactStore(join(folder, "store"));
    const runner = openQueueRunner({ address: redis.address, store, key: await openQueueKey(store), attempts: 1 });
    const stop = new AbortController();
    const here = context(stop.signal);
    const words = ["--queue", redis.address, "--store", store.root, "--concurrency", "1"];
    const working = run([], options(...words), here);
    const begun: string[] = [];
    const how = {
      priority: 0,
      onBegin: (worker: string) => void begun.push(worker),
      onProgress: silent,
      signal: new AbortController().signal,
    };
    const unknown = defineJob("unheard-of", "a job of another version", {});
    await expect(runner.run(unknown, how)).rejects.toThrow(
      "a worker refused it: its kind is none that workers of this version do",
    );
    const job = defineJob("score", "a job that cannot be done", { views: 1 }, { classifier: unknown, images: unknown });
    await expect(runner.run(job, how)).rejects.toThrow('its input "classifier" is not in the store');
    expect(begun).toEqual([expect.stringMatching(new RegExp(`:${process.pid}$`))]);
    expect(await runner.workers()).toEqual(begun);
    stop.abort();
    expect(await working).toMatchObject({
      json: { worker: begun[0], store: store.id, done: 0, failed: 1, refused: 1 },
    });
    expect(here.lines.join("\n")).toContain("failed  a job that cannot be done");
    expect(here.lines.join("\n")).toContain(
      `refused a job from the queue (${unknown.id.slice(0, 12)}): its kind is none`,
    );
    await runner.close();
    const idle = await run([], options(...words, "--idle-minutes", "0.002"), context());
    expect(idle.text).toBe("0 jobs done, 0 failed");
  });
});
