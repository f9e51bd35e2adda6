import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AwsV4Signer } from "aws4fetch";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../core/hash.ts";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { startS3, TEST_KEYS, type TestS3 } from "../testing/s3-server.ts";
import { type ArtefactStore, MANIFEST } from "./artefact-store.ts";
import { defineJob } from "./job.ts";
import { openBucket, parseS3Address } from "./s3-bucket.ts";
import { openS3Store } from "./s3-store.ts";

test("an address of a bucket is read, and what is none is refused", () => {
  expect(parseS3Address("s3://studies/skin/one/")).toEqual({ bucket: "studies", prefix: "skin/one" });
  expect(parseS3Address("s3://my.bucket")).toEqual({ bucket: "my.bucket", prefix: "" });
  for (const wrong of ["s3://", "s3://Bucket/x", "s3://bucket/a b", "s3://bucket/../x"]) {
    expect(() => parseS3Address(wrong), wrong).toThrow("is not the address of a bucket");
  }
});

test("requests are signed as in the example of the AWS documentation", async () => {
  // "Signature Calculations for the Authorization Header", example "GET Bucket Lifecycle".
  const signer = new AwsV4Signer({
    url: "https://examplebucket.s3.amazonaws.com/?lifecycle",
    headers: { "x-amz-content-sha256": sha256("") },
    ...{ service: "s3", region: "us-east-1", datetime: "20130524T000000Z" },
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  });
  expect(await signer.signature()).toBe("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
});

test("what is missing in the environment is said all at once", () => {
  expect(() => openBucket("s3://bucket", { AWS_ENDPOINT_URL: "minio:9000" })).toThrow(
    /AWS_ACCESS_KEY_ID: .*\n.*AWS_SECRET_ACCESS_KEY: .*\n.*AWS_ENDPOINT_URL: is not an address/,
  );
});

describe("a store in a bucket", () => {
  const before = { ...process.env };
  const job = defineJob("k", "a job", { a: 1 });
  const key = (name: string) => `study/artefacts/${job.id.slice(0, 2)}/${job.id}/${name}`;
  let folder: string;
  let s3: TestS3;
  beforeEach(async () => {
    folder = await temporaryFolder();
    s3 = await startS3("bucket");
    Object.assign(process.env, TEST_KEYS, { AWS_ENDPOINT_URL: s3.endpoint });
  });
  afterEach(async () => {
    process.env = { ...before };
    await s3.close();
  });
  /** The store as another machine sees it. */
  const open = (machine: string) => openS3Store("s3://bucket/study", { cache: join(folder, machine) });
  const make = async (out: string) => {
    await mkdir(join(out, "deep"));
    await writeFile(join(out, "deep", "value"), "7");
    await writeFile(join(out, "other value.txt"), "8");
  };
  const read = async (store: ArtefactStore) => {
    const found = await store.find(job.id);
    return found === null ? null : readFile(join(found, "deep", "value"), "utf8");
  };

  test("is the same for all who open it, and hands on what one has made", async () => {
    const [one, two] = await Promise.all([open("one"), open("two")]);
    expect(two.id).toBe(one.id);
    expect([await one.has(job.id), await one.find(job.id)]).toEqual([false, null]);
    await one.make(job, make);
    expect(await two.has(job.id)).toBe(true);
    expect(await read(two)).toBe("7");
    // The manifest came last, and a second look fetches no file.
    const puts = s3.log.filter((line) => line.startsWith("PUT") && line.includes("artefacts"));
    expect(puts).toHaveLength(3);
    expect(puts[2]).toBe(`PUT ${key(MANIFEST)} 200`);
    s3.log.length = 0;
    await read(two);
    expect(s3.log).toEqual([`GET ${key(MANIFEST)} 200`]);
    await two.remove(job.id);
    expect(await one.find(job.id)).toBeNull();
  });

  test("of two that make it at the same time the first stays, for the other too", async () => {
    const [one, two] = await Promise.all([open("one"), open("two")]);
    const folderOfTwo = await two.make(job, async (out) => {
      await mkdir(join(out, "deep"));
      await writeFile(join(out, "deep", "value"), "not pure");
      await one.make(job, make);
    });
    expect(s3.log).toContain(`PUT ${key(MANIFEST)} 412`);
    expect(readFileSync(join(folderOfTwo, "deep", "value"), "utf8")).toBe("7");
    expect(await read(one)).toBe("7");
  });

  test("a damaged or lost object, manifest or copy is made or fetched again", async () => {
    const one = await open("one");
    await one.make(job, make);
    const { files } = JSON.parse(s3.objects.get(key(MANIFEST))!.toString()) as { files: Record<string, string> };
    const object = key(files["deep/value"]!);

    s3.objects.set(object, Buffer.from("9"));
    const two = await open("two");
    expect(await two.find(job.id)).toBeNull();
    expect([s3.objects.has(key(MANIFEST)), await one.find(job.id)]).toEqual([false, null]);
    await two.make(job, make);
    expect([await read(one), await read(two)]).toEqual(["7", "7"]);

    s3.objects.delete(object);
    expect(await (await open("three")).find(job.id)).toBeNull();
    // What one machine still has need not be done again.
    await one.make(job, () => Promise.reject(new Error("done again")));
    expect(await read(await open("three"))).toBe("7");

    s3.objects.set(key(MANIFEST), Buffer.from("{"));
    expect(await one.has(job.id)).toBe(false);
    await one.make(job, make);
    const copy = (await two.find(job.id))!;
    writeFileSync(join(copy, "deep", "value"), "9");
    expect(await read(await open("two"))).toBe("7");
    rmSync(copy, { recursive: true });
    expect(await read(two)).toBe("7");
  });

  test("a server that is busy or breaks off is asked again", async () => {
    const one = await open("one");
    s3.faults.push(503, 500);
    await one.make(job, make);
    const two = await open("two");
    s3.faults.push("cut", 503);
    expect(await read(two)).toBe("7");
  });

  test("errors say what is wrong, and no secret", async () => {
    const told = async (address: string, env: Record<string, string>) => {
      Object.assign(process.env, TEST_KEYS, { AWS_ENDPOINT_URL: s3.endpoint }, env);
      const { message } = await failure(openS3Store(address, { cache: join(folder, "cache") }));
      expect(message).not.toContain("geheim");
      return message;
    };
    expect(await told("s3://another", {})).toContain("there is no such bucket");
    expect(await told("s3://bucket", { AWS_SECRET_ACCESS_KEY: "geheimer" })).toContain("the signature is refused");
    expect(await told("s3://bucket", { AWS_ACCESS_KEY_ID: "AKOTHER" })).toContain("AWS_ACCESS_KEY_ID is not known");
  });
});
