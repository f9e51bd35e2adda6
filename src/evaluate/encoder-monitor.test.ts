import { expect, test } from "vitest";
import { failure } from "../core/testing/fixtures.ts";
import { openStore } from "../data/open-store.ts";
import { encoderMonitor } from "./encoder-monitor.ts";

test("a signal ends the training of the encoder at the next step", async () => {
  const source = Uint8Array.from({ length: 40 * 64 }, (_, i) => (i * 37) % 256);
  const labels = Uint16Array.from({ length: 40 }, (_, i) => i % 2);
  const store = openStore({ source, resolution: 8, channels: 1, classes: ["a", "b"], labels });
  const stop = new AbortController();
  const done: number[] = [];
  const onProgress = (progress: { done: number }) => {
    done.push(progress.done);
    if (done.length === 3) stop.abort();
  };
  const error = await failure(
    encoderMonitor({ store, seed: 0, threads: 1, onProgress, signal: stop.signal }) as Promise<unknown>,
  );
  expect([error.code, error.message]).toEqual([
    "training",
    "the training of the encoder was stopped; run the command again, `ganglion train` with --resume",
  ]);
  expect(done).toHaveLength(3);
});
