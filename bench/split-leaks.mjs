// What near duplicates between training and held-out images do to the search for copies. Needs a build.
//   node bench/split-leaks.mjs [--data DATASET] [--patient COL] [--size 64] [--train 300] [--holdout 150] [--clean 80] [--seeds 30] [--write]
// Without --data on the built-in phantom; --write puts the tables into docs/audit.md between the markers of its data set.
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { FALSE_ALARMS } from "../dist/audit/collect-findings.js";
import { called, searchPixelCopies } from "../dist/audit/copies/search-copies.js";
import { hillExponent } from "../dist/audit/copies/threshold.js";
import { memorySets } from "../dist/audit/testing/memory-sets.js";
import { plant } from "../dist/audit/testing/plant.js";
import { silent } from "../dist/core/progress.js";
import { runtimeLinear64 } from "../dist/math/linear/runtime-linear64.js";
import { divideByPatient, imagePool } from "./leak-sets.mjs";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    patient: { type: "string" },
    size: { type: "string", default: "64" },
    train: { type: "string", default: "300" },
    holdout: { type: "string", default: "150" },
    clean: { type: "string", default: "80" },
    seeds: { type: "string", default: "30" },
    write: { type: "boolean", default: false },
  },
});
const [size, train, holdout, clean, seeds] = ["size", "train", "holdout", "clean", "seeds"].map((k) =>
  Number(values[k]),
);
const name = values.data === undefined ? "phantom" : basename(values.data);
/** Altered copies among the synthetic images. */
const COPIES = 30;
const SHARES = [0, 0.02, 0.05, 0.2, 0.3];
const ALTERED = ["JPEG 70", "cropped 5 %", "noised"];

const linear = runtimeLinear64({ threads: 1 });
const search = (sets) =>
  searchPixelCopies(memorySets(sets), linear, { falseAlarms: FALSE_ALARMS.copies, threads: 1, onProgress: silent });
const anonymous = (list) => list.map(({ image, label }) => ({ image, label }));
const altered = async (parts, kind, indices, seed) => {
  const { store } = memorySets({ train: parts.train, holdout: [], synthetic: [] }).train;
  const made = await plant(kind, store, indices, seed);
  return made.map((image, i) => ({ image, label: parts.train[indices[i]].label }));
};
const evenly = (n, from, to) => Array.from({ length: n }, (_, i) => Math.floor(from + (i * (to - from)) / n));
const sorted = (list) => Float64Array.from(list).sort();
const quantile = (list, p) => list[Math.min(list.length - 1, Math.floor(p * list.length))].toFixed(2);
const exponents = ({ holdout: { score }, reference: { clean: kept } }) => {
  const scores = sorted(kept.map((i) => score[i]));
  return [hillExponent(scores, 0.1), hillExponent(scores, 0.5)];
};

const all = await imagePool(values.data, size, { count: train + holdout + 2 * clean, patient: values.patient });
const sizes = { train, holdout, clean };

/** Near duplicates of training images (re-encoded, cropped) in the place of held-out ones. */
async function contaminated(parts, share, seed) {
  const n = Math.round(share * parts.holdout.length);
  const from = evenly(n, 0, parts.train.length);
  const [jpeg, cut] = [from.filter((_, i) => i % 2 === 0), from.filter((_, i) => i % 2 === 1)];
  const near = [...(await altered(parts, "JPEG 70", jpeg, seed)), ...(await altered(parts, "cropped 5 %", cut, seed))];
  return { ...parts, holdout: [...parts.holdout.slice(n), ...near] };
}

const rows = [];
const parts = divideByPatient(all, 0, sizes);
const copies = await altered(parts, "JPEG 70", evenly(COPIES, 1, parts.train.length), 1);
for (const share of SHARES) {
  const sets = await contaminated(parts, share, 2);
  const found = await search({ ...sets, synthetic: [...anonymous(parts.clean), ...copies] });
  const own = called(found, found.synthetic);
  const [low, half] = exponents(found);
  const raw = sorted(found.holdout.score);
  const wrong = own.filter((i) => i < parts.clean.length).length;
  rows.push(
    `| ${100 * share} % (${Math.round(share * parts.holdout.length)}) | ${hillExponent(raw, 0.1).toFixed(1)} | ${found.reference.leaks.length} | ${low.toFixed(1)}, ${half.toFixed(1)} | ${found.threshold === null ? "not made" : found.threshold.value.toFixed(2)} | ${own.length - wrong} of ${COPIES} | ${wrong} of ${parts.clean.length} |`,
  );
  console.error(rows.at(-1), found.reference.reason ?? "");
}

const [distances, scores, fits] = [[], [], []];
const counts = { images: 0, copies: 0, leaks: 0, notMade: 0 };
for (let seed = 1; seed <= seeds; seed++) {
  const drawn = divideByPatient(all, seed, sizes);
  const found = await search({ ...drawn, synthetic: anonymous(drawn.clean) });
  distances.push(...found.holdout.distance, ...found.synthetic.distance);
  scores.push(...found.holdout.score, ...found.synthetic.score);
  fits.push(exponents(found));
  counts.images += drawn.clean.length;
  counts.copies += called(found, found.synthetic).length;
  counts.leaks += found.reference.leaks.length;
  counts.notMade += Number(found.reference.reason !== null);
  console.error(
    `clean draw ${seed}`,
    JSON.stringify(counts),
    fits
      .at(-1)
      .map((m) => m.toFixed(1))
      .join(", "),
  );
}

const limits = [];
const line = (title, d, s) => {
  const [a, b] = [sorted(d), sorted(s)];
  limits.push(
    `| ${title} | ${a.length} | ${[0, 0.01, 0.5, 0.95, 1].map((p) => quantile(a, p)).join(" | ")} | ${[0, 0.5, 0.95].map((p) => quantile(b, p)).join(" | ")} |`,
  );
  console.error(limits.at(-1));
};
line("different patients", distances, scores);
for (const kind of ALTERED) {
  const made = await altered(parts, kind, evenly(60, 0, parts.train.length), 3);
  const { synthetic } = await search({ ...parts, holdout: parts.holdout.slice(0, 1), synthetic: made });
  line(kind, synthetic.distance, synthetic.score);
}
await linear.close();

const fewest = (at) => Math.min(...fits.map((fit) => fit[at])).toFixed(1);
const text = `${train} training, ${holdout} held-out images at ${size} px; ${clean} other real images and ${COPIES} training images as JPEG 70 as the synthetic ones.

| near duplicates among held-out | exponent with them | found | exponents without | threshold | copies found | other images called a copy |
|---|---|---|---|---|---|---|
${rows.join("\n")}

${seeds} clean draws of all sets: ${counts.copies} of ${counts.images} other images called a copy, ${counts.leaks} held-out images called near duplicates, ${counts.notMade} tests not made; smallest exponents ${fewest(0)} (lowest tenth) and ${fewest(1)} (lower half).

| nearest training image of | n | distance: smallest | 1 % | median | 95 % | largest | score: smallest | median | 95 % |
|---|---|---|---|---|---|---|---|---|---|
${limits.join("\n")}
`;
console.log(text);
if (values.write) {
  const path = new URL("../docs/audit.md", import.meta.url);
  const [begin, end] = [`<!-- split-leaks ${name} -->`, `<!-- /split-leaks ${name} -->`];
  const before = readFileSync(path, "utf8");
  const [start, stop] = [before.indexOf(begin), before.indexOf(end)];
  if (start < 0 || stop < 0) throw new Error(`docs/audit.md has no place for ${name}`);
  writeFileSync(path, `${before.slice(0, start + begin.length)}\n${text}${before.slice(stop)}`);
}
