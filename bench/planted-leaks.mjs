// What the search for copies finds of altered training images, by kind, size of the images and share of near duplicates
// among the held-out ones, and what it calls a copy where there is none. Needs a build.
//   node bench/planted-leaks.mjs --data DATASET [--patient COL] [--data DATASET --patient COL ...] [--sizes 32,64,128]
//     [--shares 0,0.02,0.1,0.3] [--first 0] [--draws 4] [--contaminated 2] [--train 300] [--holdout 150] [--clean 80] [--planted 10] [--write]
// One line for each search is appended to --rows (bench/planted-leaks.jsonl) as it is made, and a search whose line is there is
// not made again; --write puts the tables of all lines into docs/audit.md. `--patient ""` for a dataset without patients.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { FALSE_ALARMS } from "../dist/audit/collect-findings.js";
import { called, callOf, searchPixelCopies } from "../dist/audit/copies/search-copies.js";
import { memorySets } from "../dist/audit/testing/memory-sets.js";
import { PLANTS, plant } from "../dist/audit/testing/plant.js";
import { silent } from "../dist/core/progress.js";
import { Rng } from "../dist/core/rng.js";
import { runtimeLinear64 } from "../dist/math/linear/runtime-linear64.js";
import { divideByPatient, imagePool } from "./leak-sets.mjs";
import { leakTables } from "./leak-tables.mjs";

const { values } = parseArgs({
  options: {
    data: { type: "string", multiple: true, default: [] },
    patient: { type: "string", multiple: true, default: [] },
    sizes: { type: "string", default: "32,64,128" },
    shares: { type: "string", default: "0,0.02,0.1,0.3" },
    first: { type: "string", default: "0" },
    draws: { type: "string", default: "4" },
    contaminated: { type: "string", default: "2" },
    train: { type: "string", default: "300" },
    holdout: { type: "string", default: "150" },
    clean: { type: "string", default: "80" },
    planted: { type: "string", default: "10" },
    rows: { type: "string", default: new URL("planted-leaks.jsonl", import.meta.url).pathname },
    write: { type: "boolean", default: false },
  },
});
const numbers = (text) => text.split(",").map(Number);
const [first, draws, contaminated, planted] = ["first", "draws", "contaminated", "planted"].map((key) =>
  Number(values[key]),
);
const sizes = { train: Number(values.train), holdout: Number(values.holdout), clean: Number(values.clean) };
const KINDS = Object.keys(PLANTS).filter((kind) => kind !== "memorised");

const anonymous = (list) => list.map(({ image, label }) => ({ image, label }));
const keyOf = ({ data, size, share, draw }) => `${data} ${size} ${share} ${draw}`;
const read = () =>
  existsSync(values.rows) ? readFileSync(values.rows, "utf8").split("\n").filter(Boolean).map(JSON.parse) : [];
const known = new Set(read().map(keyOf));

/** Altered copies of training images of each kind, with the images that each is made from. */
async function copiesOf(train, seed) {
  const { store } = memorySets({ train, holdout: [], synthetic: [] }).train;
  const out = [];
  // An empty slice can be found by nobody.
  const shows = (i) => Math.max(...train[i].image.data) - Math.min(...train[i].image.data) >= 16;
  for (const kind of KINDS) {
    const indices = new Rng(seed, "sources", kind).shuffle([...train.keys()].filter(shows)).slice(0, planted);
    const shift = 1 + Math.floor(planted / 2);
    (await plant(kind, store, indices, seed)).forEach((image, i) => {
      out.push({ kind, image, label: train[indices[i]].label, sources: [indices[i], indices[(i + shift) % planted]] });
    });
  }
  return out;
}

/** Near duplicates of training images (half re-encoded, half cropped) in the place of the first held-out ones. */
async function contaminate(parts, share, seed) {
  const n = Math.round(share * parts.holdout.length);
  const { store } = memorySets({ train: parts.train, holdout: [], synthetic: [] }).train;
  const from = new Rng(seed, "near duplicates").shuffle([...parts.train.keys()]).slice(0, n);
  const half = Math.ceil(n / 2);
  const near = [
    ...(await plant("JPEG 70", store, from.slice(0, half), seed)),
    ...(await plant("cropped 5 %", store, from.slice(half), seed)),
  ].map((image, i) => ({ image, label: parts.train[from[i]].label }));
  return { holdout: [...near, ...parts.holdout.slice(n)], near: n };
}

async function measure(row, parts, linear) {
  const { holdout, near } = await contaminate(parts, row.share, row.draw);
  const copies = await copiesOf(parts.train, row.draw);
  const sets = memorySets({ train: parts.train, holdout, synthetic: anonymous(parts.clean) });
  const own = planted === 0 ? undefined : memorySets({ train: copies, holdout: [], synthetic: [] }).train.store;
  const options = { falseAlarms: FALSE_ALARMS.copies, threads: 1, onProgress: silent };
  const search = await searchPixelCopies({ ...sets, planted: own }, linear, options);
  const found = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
  const missed = [];
  copies.forEach(({ kind, sources }, i) => {
    const call = callOf(search, search.planted, i);
    if (call !== null && sources.some((source) => parts.train[source].patient === parts.train[call.target].patient)) {
      found[kind]++;
      return;
    }
    const { score, distance, structure, target } = search.planted;
    missed.push({
      kind,
      source: parts.train[sources[0]].name,
      score: score[i],
      distance: distance[i],
      nearest: sources.includes(target[i]),
      evidence: structure[i]?.value ?? null,
      matched: structure[i] !== null && sources.includes(structure[i].target),
    });
  });
  const { leaks, reason } = search.reference;
  const name = (i) => parts.train[i].name;
  return {
    ...row,
    n: { ...sizes, planted },
    made: reason === null,
    limits: search.structure.limits,
    threshold: search.threshold?.value ?? null,
    near,
    nearFound: leaks.filter((i) => i < near).length,
    heldOutCalled: leaks.filter((i) => i >= near).map((i) => [holdout[i].name, name(search.holdout.target[i])]),
    cleanCalled: called(search, search.synthetic).map((i) => {
      const { by, target, value } = callOf(search, search.synthetic, i);
      return [parts.clean[i].name, name(target), by, value];
    }),
    found,
    missed,
  };
}

const linear = runtimeLinear64({ threads: 1 });
for (let draw = first; draw < first + draws; draw++) {
  for (const [d, path] of values.data.entries()) {
    for (const size of numbers(values.sizes)) {
      const wanted = numbers(values.shares)
        .filter((share) => share === 0 || draw < contaminated)
        .map((share) => ({ data: basename(path), size, share, draw }))
        .filter((row) => !known.has(keyOf(row)));
      if (wanted.length === 0) continue;
      const parts = divideByPatient(
        await imagePool(path, size, { patient: values.patient[d] || undefined }),
        draw,
        sizes,
      );
      for (const row of wanted) {
        const made = await measure(row, parts, linear);
        appendFileSync(values.rows, `${JSON.stringify(made)}\n`);
        console.error(keyOf(row), made.made, made.cleanCalled.length, JSON.stringify(made.found));
      }
    }
  }
}
await linear.close();

const tables = leakTables(read());
console.log(tables);
if (values.write) {
  const path = new URL("../docs/audit.md", import.meta.url);
  const [begin, end] = ["<!-- planted-leaks -->", "<!-- /planted-leaks -->"];
  const before = readFileSync(path, "utf8");
  const [start, stop] = [before.indexOf(begin), before.indexOf(end)];
  if (start < 0 || stop < 0) throw new Error("docs/audit.md has no place for the tables");
  writeFileSync(path, `${before.slice(0, start + begin.length)}\n${tables}${before.slice(stop)}`);
}
