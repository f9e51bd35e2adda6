import { join } from "node:path";
import { expect, test } from "vitest";
import { silent } from "../core/progress.ts";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { pngOf, writeFiles } from "../data/testing/fixtures.ts";
import { openSets } from "./datasets.ts";

test("images without labels in one folder are compared as a whole; other class names stay an error", async () => {
  const folder = await temporaryFolder();
  const images = await Promise.all([1, 2, 3, 4].map((seed) => pngOf(seed)));
  const [a, b, c, d] = images as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  await writeFiles(join(folder, "real"), { "a/1.png": a, "b/2.png": b });
  await writeFiles(join(folder, "drawn"), { "seed0001.png": c, "seed0002.png": d });
  await writeFiles(join(folder, "others"), { "x/1.png": c, "y/2.png": d });
  const options = { real: join(folder, "real"), cache: join(folder, "cache"), onProgress: silent };
  const sets = await openSets({ ...options, synthetic: join(folder, "drawn") });
  try {
    expect(sets.classes).toEqual([""]);
    expect([...sets.real.labels]).toEqual([0, 0]);
    expect(sets.real.dataset.notes.join()).toContain("its classes are left aside");
    // What an encoder learns from is still there.
    expect(sets.real.store.classes).toEqual(["a", "b"]);
  } finally {
    sets.close();
  }
  const error = await failure(openSets({ ...options, synthetic: join(folder, "others") }));
  expect(error.message).toContain("classes x, y are not in the real dataset");
});
