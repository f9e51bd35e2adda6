import { expect, test } from "vitest";
import { imagesInMemory, selectImages } from "../../features/extractor.ts";
import { phantomPlan, renderPhantom } from "../../phantom/index.ts";
import { memorySets } from "../testing/memory-sets.ts";
import { plant } from "../testing/plant.ts";
import { searchCopies } from "./find-copies.ts";

const phantoms = (count: number, seed: number) =>
  phantomPlan(count, seed).map((spec) => ({ image: renderPhantom(spec, 32).image, label: spec.label }));

test("copies are named without held-out images too, and others are not", async () => {
  const [real, other] = [phantoms(40, 1), phantoms(20, 2)];
  const made = await plant("flipped", memorySets({ train: real, holdout: [], synthetic: [] }).train.store, [3, 8], 1);
  const planted = made.map((image) => ({ image, label: "" }));
  const { train, synthetic } = memorySets({ train: real, holdout: [], synthetic: [...other, ...planted] });
  const found = await searchCopies({ train: { images: train.store }, synthetic: { images: synthetic.store } });
  expect(found.copies.map((copy) => [copy.synthetic, copy.train])).toEqual([
    [20, 3],
    [21, 8],
  ]);
  expect(found.reason).toMatch(/^0 held-out images remain/);
});

test("no image, one image and a constant one", async () => {
  const grey = imagesInMemory(new Uint8Array(28 * 28).fill(90), 28, 1);
  const search = (images: typeof grey) => searchCopies({ train: { images: grey }, synthetic: { images } });
  expect((await search(grey)).copies).toEqual([]);
  expect((await search(selectImages(grey, []))).copies).toEqual([]);
});
