import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { phantomPlan, renderPhantom } from "../../phantom/index.ts";
import { memorySets } from "../testing/memory-sets.ts";
import { plant } from "../testing/plant.ts";
import { StructureSearch } from "./structure-search.ts";

const SIDE = 32;
const images = phantomPlan(60, 4).map((spec) => ({
  image: renderPhantom(spec, SIDE).image,
  label: spec.label,
  patient: spec.patient,
}));

const built = existsSync("dist/audit/copies/structure-worker.js") || process.env.CI === "true";
if (!built) console.warn("skipped: dist has no worker of the copy search (npm run build)");

test.skipIf(!built)("threads find what one thread finds, in the same order, number for number", async () => {
  const { train, holdout } = memorySets({ train: images.slice(0, 30), holdout: images.slice(30), synthetic: [] });
  const turned = await plant("turned by 10°", train.store, [3, 7, 11], 1);
  const own = memorySets({ train: turned.map((image) => ({ image, label: "" })), holdout: [], synthetic: [] }).train;
  const found = [];
  for (const threads of [1, 3]) {
    const search = new StructureSearch(train, threads);
    const told: number[] = [];
    const listen = ({ stage, done }: { stage: string; done: number }) => {
      if (stage === "s: comparison") told.push(done);
    };
    try {
      const held = await search.matches(holdout.store, listen, "s");
      expect(told).toEqual([...told].sort((a, b) => a - b));
      expect(told.at(-1)).toBe(30);
      found.push({ held, own: await search.matches(own.store, () => undefined, "s") });
    } finally {
      await search.close();
    }
  }
  expect(found[1]).toEqual(found[0]);
  expect(found[0]!.own.map((match) => match?.target)).toEqual([3, 7, 11]);
});

test("the evidence that sets a training image apart leaves out its patient's other images, and needs others", async () => {
  const [first, second, ...others] = images.filter(
    ({ patient }, i, all) => all.findIndex((other) => other.patient === patient) === i,
  );
  const [twin] = await plant(
    "JPEG 70",
    memorySets({ train: [first!], holdout: [], synthetic: [] }).train.store,
    [0],
    1,
  );
  const distinct = async (patient: string | undefined, twins: number) => {
    const copy = { image: twin!, label: first!.label, ...(patient === undefined ? {} : { patient }) };
    const { train, synthetic } = memorySets({
      train: [first!, ...Array.from({ length: twins }, () => copy), second!, ...others.slice(0, 6)],
      holdout: [],
      synthetic: [{ image: first!.image, label: first!.label }],
    });
    const search = new StructureSearch(train, 1);
    const [match] = await search.matches(synthetic.store, () => undefined, "s");
    await search.close();
    return match!.distinct / match!.value;
  };
  const alone = await distinct(undefined, 0);
  expect(alone).toBeGreaterThan(0.8);
  // A twin that names the patient is no other image, and one of a stranger may be the other part of a mixture.
  expect(await distinct(first!.patient, 1)).toBeCloseTo(alone, 1);
  expect(await distinct(undefined, 1)).toBeCloseTo(alone, 1);
  // Two of strangers have what the image shows.
  expect(await distinct(undefined, 2)).toBeLessThan(0.6);
});
