import { expect, test, vi } from "vitest";
import { failure } from "../../core/testing/fixtures.ts";
import { openS3Store } from "./s3-store.ts";

vi.mock("../../core/user-cache.ts", () => ({ userCacheFolder: () => null }));

test("copies of a store are never kept in a folder that other users could have made", async () => {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
  });
  const error = await failure(openS3Store("s3://bucket/study"));
  expect([error.code, error.message]).toEqual(["usage", expect.stringContaining("set GANGLION_CACHE")]);
});
