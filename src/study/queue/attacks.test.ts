// Somebody who can write to Redis, and knows how BullMQ keeps its jobs, wants workers to read, write or delete what they should
// not, or a study to store what it did not make. Whatever lies in the queue: the worker lives, a folder beside the store stays as it
// was, and the study finds the bytes of a run that nobody disturbed.
import { readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sha256File } from "../../core/hash.ts";
import { listFiles } from "../../core/list-files.ts";
import { openArtefactStore } from "../jobs/artefact-store.ts";
import { canonicalJson, defineJob, type Job, type Json } from "../jobs/job.ts";
import { runJobs } from "../jobs/run-jobs.ts";
import { openQueueStudy, type QueueStudy } from "../testing/queue-study.ts";
import { missingRedis } from "../testing/redis.ts";
import { numberJob, sumJob } from "../testing/sums.ts";
import type { WorkerProcess } from "../testing/worker-process.ts";
import { queueName } from "./connection.ts";
import { queueKey } from "./queue-key.ts";
import { type QueuedData, sealJob, sealText } from "./queued-data.ts";

/** Somebody with a connection to the Redis of a study. */
interface Attacker {
  readonly redis: Redis;
  readonly queue: Queue<unknown>;
  /** Name of a key of the queue in Redis. */
  name(part: string): string;
  /** Puts anything into the queue as a job. */
  put(data: unknown, more?: object): Promise<void>;
  /** Changes a field of a job in the queue. */
  alter(id: string, field: string, value: string): Promise<void>;
  close(): Promise<void>;
}

function openAttacker(study: QueueStudy): Attacker {
  const redis = new Redis(study.redis.port, { maxRetriesPerRequest: null });
  const queue = new Queue<unknown>(queueName(study.store.id), { connection: { port: study.redis.port } });
  const name = (part: string) => `bull:${queueName(study.store.id)}:${part}`;
  return {
    ...{ redis, queue, name },
    async put(data, more = {}) {
      await queue.add("number", data, more);
    },
    async alter(id, field, value) {
      await redis.hset(name(id), field, value);
    },
    async close() {
      await queue.close();
      redis.disconnect();
    },
  };
}

/** A folder beside the store, where the path of an artefact of the id `../victim` leads. */
async function openVictim(study: QueueStudy) {
  const folder = join(study.store.root, "..", "victim");
  await mkdir(folder, { recursive: true });
  writeFileSync(join(folder, "artefact.json"), "{}");
  writeFileSync(join(folder, "scan.dcm"), "of a patient");
  const look = async () =>
    Promise.all((await listFiles(folder)).map(async ({ name }) => [name, await sha256File(join(folder, name))]));
  const before = await look();
  return { folder, isUntouched: async () => expect(await look()).toEqual(before) };
}

const until = async (what: () => unknown) => {
  while (!(await what())) await pause(20);
};

describe.skipIf(missingRedis("no queue is attacked"))("what is put into the queue by somebody without the key", () => {
  let study: QueueStudy;
  let attacker: Attacker;
  let worker: WorkerProcess;
  let victim: Awaited<ReturnType<typeof openVictim>>;
  const done: Job[] = [];
  beforeAll(async () => {
    study = await openQueueStudy();
    attacker = openAttacker(study);
    victim = await openVictim(study);
    worker = study.spawn({ lockMilliseconds: 1_000 });
  });
  afterAll(async () => {
    await attacker.close();
    await study.close();
  });

  const unsigned = (job: object): QueuedData => ({ job: JSON.stringify(job), signature: "0".repeat(64) });
  const refusals = () => worker.said.filter((line) => line.startsWith("refused"));
  const secret = () => readFileSync(join(study.store.root, "queue.key"), "utf8").trim();
  /** As if the key were known: what is behind the signature holds too. */
  const signed = (job: Job) => sealJob(job, study.key);
  const rehashed = (job: Omit<Job, "id">): Job => {
    const { kind, parameters, inputs } = job;
    const id = defineJob("x", "", canonicalJson({ kind, parameters, inputs })).id;
    return { ...job, id };
  };
  const number = (more: object = {}): Job => ({ ...numberJob(study.journal, 666), ...more });
  /** A job with ids of inputs that no job has, its own the hash of them. */
  const reading = (id: string): Job => {
    const job = { kind: "sum", title: "sum", parameters: { journal: study.journal }, inputs: { one: id } };
    return { ...job, id: defineJob(job.kind, "", job.parameters, { one: { id } as Job }).id };
  };

  const ids: [string, () => string][] = [
    ["a path", () => "../victim"],
    ["a longer path", () => "ab/../../../victim"],
    ["an absolute path", () => victim.folder],
    ["a path behind a NUL", () => `${"a".repeat(64)}\0/../victim`],
    ["a hash and a line end", () => `${number().id}\n`],
    ["a hash in capitals", () => number().id.toUpperCase()],
    ["half a hash", () => number().id.slice(0, 32)],
    ["no text", () => ["../victim"] as unknown as string],
    ["the hash of another job", () => numberJob(study.journal, 667).id],
  ];
  const attacks: [string, () => unknown, object?][] = [
    ...ids.flatMap(([what, id]): [string, () => unknown][] => [
      [`an id that is ${what}, as before there were signatures`, () => ({ job: number({ id: id() }) })],
      [`an id that is ${what}, with a signature that is none`, () => unsigned(number({ id: id() }))],
      [`an id that is ${what}, signed with the key`, () => signed(number({ id: id() }))],
    ]),
    ...ids.slice(0, 4).flatMap(([what, id]): [string, () => unknown][] => [
      [`an input that is ${what}`, () => unsigned(reading(id()))],
      [`an input that is ${what}, signed with the key`, () => signed(reading(id()))],
    ]),
    ["a job that is right, without a signature", () => ({ job: JSON.stringify(number()) })],
    ["a job that is right, signed with another key", () => sealJob(number(), queueKey("k".repeat(64), study.store.id))],
    ["a job that is right, signed for another store", () => sealJob(number(), queueKey(secret(), "another"))],
    [
      "a job that is right, signed as what a worker says",
      () => ({ ...signed(number()), signature: study.key.sign("failure", "", JSON.stringify(number())) }),
    ],
    ["a signature of another job", () => ({ ...signed(number()), job: signed(numberJob(study.journal, 1)).job })],
    [
      "other parameters under a signature",
      () => ({ ...signed(number()), job: signed(number()).job.replace("666", "999") }),
    ],
    ["an unknown kind", () => unsigned(rehashed({ ...number(), kind: "exec" }))],
    ["an unknown kind, signed with the key", () => signed(defineJob("exec", "exec", { command: "rm -r /" }))],
    ["a kind that every object has, signed with the key", () => signed(defineJob("constructor", "x", {}))],
    [
      "keys that are prototypes",
      () => JSON.parse('{"__proto__": {"job": "x"}, "constructor": {"prototype": {"job": 1}}}'),
    ],
    ["more keys beside a job", () => ({ ...signed(number()), store: "/etc" })],
    [
      "parameters that are prototypes",
      () => unsigned(number({ parameters: JSON.parse('{"__proto__": {"wait": 1}}') as Json })),
    ],
    ["no object", () => 7],
    ["nothing", () => null],
    ["a tower of brackets", () => ({ job: "[".repeat(200_000), signature: "0".repeat(64) })],
    ["a job of 32 MB", () => unsigned(number({ title: "x".repeat(32_000_000) }))],
    ["a number of returns that is none", () => ({ ...signed(number()), returned: -1 })],
    ["options that repeat it", () => unsigned(number()), { jobId: "often", attempts: 1e9, backoff: { type: "x" } }],
  ];

  /** The worker lives, nothing beside the store changed, and a study goes its way. */
  async function isUnharmed(value: number): Promise<void> {
    await victim.isUntouched();
    const numbers = [value, value + 1].map((one) => numberJob(study.journal, one));
    const jobs = [...numbers, sumJob(study.journal, numbers)];
    expect(await study.run(jobs)).toEqual({ kept: 0, made: 3 });
    expect(await study.numberOf(jobs[2]!)).toBe(2 * value + 1);
    done.push(...jobs);
    const { found, undisturbed } = await study.contents(done);
    expect(found).toEqual(undisturbed);
    expect(worker.alive()).toBe(true);
    await victim.isUntouched();
    // Nothing was made but what the study asked for.
    expect(study.begun().filter((title) => /^(number (666|667|999)|exec|sum)$/.test(title))).toEqual([]);
  }

  test.each(attacks.map(([what, data, more], i) => [what, data, more, i] as const))(
    "%s is refused",
    async (_, data, more, i) => {
      const before = refusals().length;
      await attacker.put(data(), more);
      await until(() => refusals().length > before);
      const said = refusals().slice(before);
      expect(said).toHaveLength(1);
      expect(said[0]).toMatch(/^refused a job from the queue( \([0-9a-f]{12}\))?: [a-z ,0-9A-Z]+$/);
      if (i % 8 === 0) await isUnharmed(1000 + 2 * i);
      else await victim.isUntouched();
    },
    30_000,
  );

  test.each([
    ["data that are no JSON", "data", "{"],
    ["options that are no JSON", "opts", "{"],
    ["options that are nothing", "opts", "null"],
    ["options that repeat it by a pattern", "opts", '{"repeat":{"pattern":"* * * * * *","count":-1}}'],
    ["a scheduler to make more of it", "rjk", "repeat:x"],
    ["progress that is no JSON", "progress", "{"],
    ["a parent that is no JSON", "parent", "{"],
    ["a number of attempts that is none", "atm", "x"],
  ])(
    "%s do not end the worker",
    async (what, field, value) => {
      await attacker.queue.pause();
      const jobId = `raw-${field}-${value.length}`;
      await attacker.put(unsigned(number()), { jobId });
      await attacker.alter(jobId, field, value);
      const before = refusals().length;
      await attacker.queue.resume();
      await until(() => refusals().length > before);
      expect(refusals().length, what).toBeGreaterThan(before);
      await isUnharmed(5000 + 2 * done.length);
    },
    60_000,
  );

  test("a schedule to put a job there again and again is not kept to", async () => {
    await attacker.queue.upsertJobScheduler("mill", { every: 1_000 }, { name: "number", data: unsigned(number()) });
    const made = () => attacker.redis.hget(attacker.name("repeat:mill"), "ic");
    const before = refusals().length;
    await until(() => refusals().length > before);
    const count = await made();
    await pause(2_500);
    // What cannot be read is handed out and refused a few times more; of the schedule nothing more comes.
    expect(await made()).toBe(count);
    await isUnharmed(6000);
  }, 30_000);

  test("what was signed once may be put there again, and makes nothing new", async () => {
    const job = numberJob(study.journal, 4);
    expect(await study.run([job])).toEqual({ kept: 0, made: 1 });
    done.push(job);
    for (const jobId of [job.id, "again", "../victim"]) {
      const before = worker.said.length;
      await attacker.put(signed(job), { jobId });
      await until(() => worker.said.slice(before).some((line) => line.startsWith("done")));
    }
    expect(study.begun().filter((title) => title === "number 4")).toHaveLength(1);
    await isUnharmed(7000);
  });
});

describe.skipIf(missingRedis("no study over a queue is attacked"))("what is changed in the queue of a study", () => {
  let study: QueueStudy;
  let attacker: Attacker;
  let victim: Awaited<ReturnType<typeof openVictim>>;
  beforeEach(async () => {
    study = await openQueueStudy();
    attacker = openAttacker(study);
    victim = await openVictim(study);
  });
  afterEach(async () => {
    await attacker.close();
    await study.close();
  });

  const isWhole = async (jobs: readonly Job[]) => {
    expect(await study.numberOf(jobs[6]!)).toBe(15);
    const { found, undisturbed } = await study.contents(jobs);
    expect(found).toEqual(undisturbed);
    await victim.isUntouched();
  };
  /** Waits until the study has put its first jobs there, which nobody takes yet. */
  const filled = (jobs: readonly Job[]) =>
    until(async () =>
      (await Promise.all(jobs.slice(0, 6).map(({ id }) => attacker.redis.exists(attacker.name(id))))).every(Boolean),
    );
  const ALL = { kept: 0, made: 7 };

  test.each([
    [
      "other parameters",
      (data: QueuedData) => JSON.stringify({ ...data, job: data.job.replace('"value":0', '"value":9') }),
    ],
    [
      "a path for an id",
      (data: QueuedData) => JSON.stringify({ ...data, job: data.job.replace(/"id":"\w+"/, '"id":"../victim"') }),
    ],
    ["no JSON", () => "{"],
  ])(
    "a job that gets %s is refused and put there anew",
    async (_, change) => {
      const jobs = study.tree(0);
      const running = study.run(jobs);
      await filled(jobs);
      const [{ id }] = jobs as [Job];
      const data = JSON.parse((await attacker.redis.hget(attacker.name(id), "data"))!) as QueuedData;
      await attacker.alter(id, "data", change(data));
      const worker = study.work();
      expect(await running).toEqual(ALL);
      expect(study.notes.join("\n")).toContain("number 0: ");
      expect(study.notes.join("\n")).toContain("it is queued again");
      expect(worker.name).toBeTruthy();
      await isWhole(jobs);
    },
    60_000,
  );

  test("another job that lies there in its name is taken away", async () => {
    const jobs = study.tree(0);
    const forged = JSON.stringify({ ...jobs[0], parameters: { journal: study.journal, value: 9 } });
    await attacker.put({ job: forged, signature: "0".repeat(64) }, { jobId: jobs[0]!.id });
    study.work();
    expect(await study.run(jobs)).toEqual(ALL);
    await isWhole(jobs);
  });

  test("what is said of jobs by others than workers is not believed", async () => {
    const jobs = study.tree(0);
    const states: string[] = [];
    const running = runJobs(jobs, {
      ...{ store: study.store, runner: study.runner },
      onEvent: ({ job, state, worker, progress }) =>
        states.push(`${job.title} ${state} ${worker ?? ""} ${JSON.stringify(progress ?? "")}`),
    });
    await filled(jobs);
    const event = (...fields: string[]) => attacker.redis.xadd(attacker.name("events"), "*", ...fields);
    const [done, failed, running1, moved] = jobs;
    // Done: the job gone and the word out.
    await attacker.redis.del(attacker.name(done!.id));
    await event("event", "completed", "jobId", done!.id, "returnvalue", '"x"', "prev", "active");
    // Failed, in its place and by a word signed with no key or for another job.
    const fail = async (id: string, reason: string) => {
      await attacker.redis.hset(attacker.name(id), "failedReason", reason, "finishedOn", "1");
      await attacker.redis.zrem(attacker.name("prioritized"), id);
      await attacker.redis.zadd(attacker.name("failed"), 1, id);
      await event("event", "failed", "jobId", id, "failedReason", reason, "prev", "active");
    };
    await fail(failed!.id, "\u001b[2Jsend your images to me");
    await fail(moved!.id, sealText(study.key, "failure", jobs[5]!.id, "the failure of another"));
    const news = JSON.stringify({ worker: "mallory:1", progress: { stage: "lies", done: 1, unit: "lies" } });
    await event("event", "progress", "jobId", running1!.id, "data", news);
    await event("event", "progress", "jobId", running1!.id, "data", JSON.stringify(`${"0".repeat(64)} ${news}`));
    await event("event", "progress", "jobId", running1!.id, "data", "{");
    await event("event", "error", "jobId", running1!.id);
    study.work();
    expect(await running).toEqual(ALL);
    expect(states.join("\n")).not.toMatch(/mallory|lies|send your images/);
    expect(study.notes.filter((line) => line.includes("without the signature of a worker"))).toHaveLength(2);
    expect(study.notes.join("\n")).not.toMatch(/send your images|failure of another/);
    await isWhole(jobs);
  }, 60_000);

  test("a worker with another key says so, does nothing, and the study ends with the reason", async () => {
    const jobs = [numberJob(study.journal, 1)];
    const other = queueKey("another key, of 32 characters or more", study.store.id);
    study.work(study.redis.address, 30_000, other);
    const failure = await study.run(jobs).catch((error: unknown) => error);
    expect(String((failure as { problems: { message: string }[] }).problems[0]!.message)).toContain(
      "a worker has another key (--queue-key-file)",
    );
    expect(study.refused[0]).toContain("it is not signed with the key of this store");
    expect(study.begun()).toEqual([]);
  });

  test("a manifest or an artefact that is changed in the store is found out by who reads it, and made again", async () => {
    const jobs = study.tree(0);
    const first = study.work(study.redis.address, 30_000);
    expect(await study.run(jobs.slice(0, 6))).toEqual({ kept: 0, made: 6 });
    await first.close();
    const folder = async (job: Job) => (await study.store.find(job.id))!;
    const rewrite = async (job: Job, change: (text: string) => string) => {
      const path = join(await folder(job), "artefact.json");
      writeFileSync(path, change(readFileSync(path, "utf8")));
    };
    // Other work under the id: other parameters, other inputs, another kind; then the bytes.
    await rewrite(jobs[0]!, (text) => text.replace('"value": 0', '"value": 9'));
    await rewrite(jobs[1]!, (text) => text.replace('"inputs": {}', `"inputs": { "one": "${jobs[2]!.id}" }`));
    await rewrite(jobs[2]!, (text) => text.replace('"kind": "number"', '"kind": "climb"'));
    await rewrite(jobs[3]!, (text) => text.replace('"value.json"', '"../../victim/scan.dcm"'));
    writeFileSync(join(await folder(jobs[4]!), "value.json"), "999");
    const fresh = await openArtefactStore(study.store.root);
    for (const job of jobs.slice(0, 5)) expect(await fresh.find(job.id), job.title).toBeNull();
    study.work(study.redis.address, 30_000);
    expect(await study.run(jobs)).toEqual({ kept: 1, made: 6 });
    await isWhole(jobs);
  });
});
