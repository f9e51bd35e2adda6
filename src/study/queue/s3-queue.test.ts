import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { openQueueStudy, type QueueStudy } from "../testing/queue-study.ts";
import { missingRedis } from "../testing/redis.ts";
import { startS3, TEST_KEYS, type TestS3 } from "../testing/s3-server.ts";

describe.skipIf(missingRedis("no study runs over a queue and S3"))("a study over a queue and a bucket", () => {
  const before = { ...process.env };
  let s3: TestS3;
  let study: QueueStudy;
  beforeEach(async () => {
    s3 = await startS3("bucket");
    const own = { GANGLION_CACHE: await temporaryFolder(), GANGLION_QUEUE_KEY: "a key for a test, 32 long or more" };
    Object.assign(process.env, TEST_KEYS, { AWS_ENDPOINT_URL: s3.endpoint }, own);
    study = await openQueueStudy("s3://bucket/study");
  });
  afterEach(async () => {
    await study.close();
    await s3.close();
    process.env = { ...before };
  });

  test("is done by workers on machines that share no folder, with the bytes of an undisturbed run", async () => {
    // Each has a cache of its own, so that all they share is the bucket.
    for (const _ of [1, 2]) study.spawn({ env: { GANGLION_CACHE: await temporaryFolder() } });
    const jobs = study.tree(100);
    s3.faults.push(503, "cut");
    expect(await study.run(jobs)).toEqual({ kept: 0, made: 7 });
    // Whoever runs the study fetches what it reads, no more.
    for (const job of jobs) await study.numberOf(job);
    expect(await study.numberOf(jobs[6]!)).toBe(15);
    const { found, undisturbed } = await study.contents(jobs);
    expect(found).toEqual(undisturbed);
    expect(await study.run(jobs)).toEqual({ kept: 7, made: 0 });
  });
});
