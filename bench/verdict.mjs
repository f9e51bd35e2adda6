// Calibrates the verdict of `ganglion evaluate`: what it says of real images against real ones and of sets known to be bad.
// Needs a build.
//   node bench/verdict.mjs --keep DIR [--data DATASET] [--label COL] [--size 32] [--real 600] [--n 300] [--draws 15]
//                          [--features encoder] [--set NAME=DATASET]... > rows.jsonl
//   node bench/verdict.mjs --table rows.jsonl...
// Without --data on the built-in phantom. DIR keeps the packed images. --set adds a synthetic set of the same classes.
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { silent } from "../dist/core/progress.js";
import { Rng } from "../dist/core/rng.js";
import { openPackedStore, openStore, readDataset, stratifiedSplit, toPlanes } from "../dist/data/index.js";
import { METRICS } from "../dist/evaluate/quality/registry.js";
import { degrade } from "../dist/evaluate/verdict/degrade.js";
import { distancesOf } from "../dist/evaluate/verdict/grade.js";
import { gradeExtractor } from "../dist/evaluate/verdict/grade-extractor.js";
import { meanLikeness } from "../dist/evaluate/verdict/likeness.js";
import { sightOf } from "../dist/evaluate/verdict/self-test.js";
import { verdictOf } from "../dist/evaluate/verdict/verdict.js";
import { featureRows, readAll, selectImages } from "../dist/features/extractor.js";
import { openExtractor } from "../dist/features/open-extractor.js";
import { runtimeLinear64 } from "../dist/math/linear/runtime-linear64.js";
import { phantomPlan, renderPhantom } from "../dist/phantom/index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string" },
    label: { type: "string" },
    keep: { type: "string", default: "verdict-images" },
    size: { type: "string", default: "32" },
    real: { type: "string", default: "600" },
    n: { type: "string", default: "300" },
    draws: { type: "string", default: "15" },
    features: { type: "string", default: "encoder" },
    set: { type: "string", multiple: true, default: [] },
    table: { type: "boolean", default: false },
  },
});
const [size, most, n, draws] = ["size", "real", "n", "draws"].map((k) => Number(values[k]));
const name = values.data === undefined ? "phantom" : basename(values.data);

async function openAll() {
  if (values.data !== undefined) {
    const dataset = await readDataset(values.data, values.label === undefined ? {} : { label: values.label });
    const folder = join(values.keep, `packed-${name}-${size}`);
    await mkdir(folder, { recursive: true });
    const store = await openPackedStore(dataset, { resolution: size, folder });
    return { store, patients: dataset.samples.map(({ patient }) => patient) };
  }
  const plan = phantomPlan(4 * most, 1);
  const images = plan.map((spec) => renderPhantom(spec, size).image);
  const classes = [...new Set(plan.map(({ label }) => label))].sort();
  const bytes = 3 * size ** 2;
  const source = new Uint8Array(plan.length * bytes);
  for (const [i, image] of images.entries()) toPlanes(image, source.subarray(i * bytes, (i + 1) * bytes));
  const labels = Uint16Array.from(plan, ({ label }) => classes.indexOf(label));
  return {
    store: openStore({ source, resolution: size, channels: 3, classes, labels }),
    patients: plan.map(({ patient }) => patient),
  };
}

/** Images of a source as a set of an evaluation. */
const asSet = (source, labels, classes) => ({
  store: openStore({ source: readAll(source), resolution: size, channels: source.channels, classes, labels }),
  labels,
});

/** At most `count` of the rows, the same of each class where there are enough. */
function evenly(rows, labels, count, rng) {
  const lists = new Map();
  for (const i of rng.shuffle([...rows])) lists.set(labels[i], [...(lists.get(labels[i]) ?? []), i]);
  const out = [];
  for (let k = 0; out.length < count && [...lists.values()].some((list) => list.length > k); k++) {
    for (const list of lists.values()) if (list.length > k && out.length < count) out.push(list[k]);
  }
  return out;
}

async function measureAll() {
  const { store, patients } = await openAll();
  const { labels, classes, channels } = store;
  // By patient where there are many: 29 patients of two halves are two populations.
  const many = new Set(patients).size > 100;
  const [first, second] = stratifiedSplit(
    Array.from(labels, (label) => classes[label]),
    { fractions: [0.5, 0.5], groups: many ? patients : undefined },
  );
  const realRows = evenly(first, labels, most, new Rng("verdict", "real"));
  const pick = (rows) =>
    asSet(
      selectImages(store, rows),
      Uint16Array.from(rows, (i) => labels[i]),
      classes,
    );
  const real = pick(realRows);

  // The order of the rows and the labels are part of the name that a trained encoder is kept under.
  const samples = realRows.map((i) => ({ fileName: String(i), patient: many ? patients[i] : undefined }));
  const extractor = await openExtractor(values.features, {
    real: { name, hash: name, dataset: { root: name, samples }, store: real.store, labels: real.labels },
    seed: 0,
    threads: 1,
    onProgress: silent,
  });
  const linear = runtimeLinear64({ threads: 1 });
  const realFeatures = featureRows(await extractor.extract(real.store));
  async function told(kind, set, seed) {
    const rows = {
      real: realFeatures,
      synthetic: featureRows(await extractor.extract(set.store)),
      holdout: null,
    };
    const sets = { real, synthetic: set, holdout: null, classes, resolution: size, channels };
    const sight = await sightOf(sets, extractor, rows, linear, seed, silent);
    const recalls = extractor.learned?.recalls ?? null;
    console.log(JSON.stringify({ data: name, size, features: extractor.name, kind, seed, recalls, sight }));
  }
  for (let d = 0; d < draws; d++) {
    for (const few of [n, Math.round(n / 3)]) {
      await told(`real, ${few} images`, pick(evenly(second, labels, few, new Rng("verdict", d, few))), d);
    }
  }
  const other = evenly(second, labels, n, new Rng("verdict", "bad"));
  const otherLabels = Uint16Array.from(other, (i) => labels[i]);
  const source = selectImages(store, other);
  const bad = [
    ...[0.5, 0.75, 1, 1.5, 2, 3, 4].map((strength) => ["blur", (strength * size) / 32]),
    ...[0.5, 1].map((strength) => ["mean image and noise", strength]),
    ...[16, 8, 4].map((part) => ["smooth random fields", size / part]),
  ];
  for (const [degradation, strength] of bad) {
    const spoilt = await degrade(source, { degradation, strength }, 77);
    await told(`${degradation}, ${strength}`, asSet(spoilt, otherLabels, classes), 1);
  }
  for (const entry of values.set) {
    const [title, path] = entry.split("=");
    const dataset = await readDataset(path);
    const folder = join(values.keep, `packed-${title}`);
    await mkdir(folder, { recursive: true });
    const drawn = await openPackedStore(dataset, { resolution: size, folder });
    const own = Uint16Array.from(drawn.labels, (label) => classes.indexOf(dataset.classes[label]));
    await told(title, asSet(selectImages(drawn, [...own.keys()]), own, classes), 1);
    drawn.close();
  }
  await linear.close();
  await extractor.close();
  store.close();
}

/** What is known of all images is left open: the draws alone decide. */
const at = (value) => ({ value, low: value, high: value, floor: value });
const OPEN = { ...Object.fromEntries(METRICS.map((metric) => [metric, null])), kid: at(0), coverage: at(1) };

function graded({ features, recalls, sight }) {
  const graded = gradeExtractor(sight, recalls === null ? undefined : { unseen: [], recalls });
  const found = { overall: OPEN, likeness: graded.likeness, perClass: {}, perAttribute: {} };
  const protocol = { perClass: {} };
  return verdictOf({ features: { [features]: found }, selfTest: { [features]: graded.selfTest }, protocol }).grade;
}

/** Numbers of sets by grade, and the largest distances. */
function table(rows) {
  const groups = new Map();
  for (const row of rows) {
    const key = `${row.features} | ${row.data} | ${row.kind.replace(/, [0-9.]+$/, "")}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const lines = [
    "| features | real images | set | n | sets | cannot say | noise | unlike | partial | close | indistinguishable | FID, times | KID, deviations | 1-NN, above | coverage, share |",
    `|${"---|".repeat(15)}`,
  ];
  for (const [key, list] of groups) {
    const grades = list.map(graded);
    const of = (grade) => grades.filter((found) => found === grade).length || "";
    const far = list.map(({ sight }) => distancesOf(meanLikeness(sight.synthetic)));
    const span = (name) => {
      const shown = far.map((found) => found[name]).sort((a, b) => a - b);
      const text = (v) => (v >= 1000 ? "> 1,000" : v >= 20 ? v.toFixed(0) : v.toFixed(2).replace(/^-0\.00$/, "0.00"));
      return shown.length === 1 ? text(shown[0]) : `${text(shown[0])} to ${text(shown.at(-1))}`;
    };
    const n = Math.max(...list.map(({ sight }) => sight.n));
    lines.push(
      `| ${key} | ${n} | ${list.length} | ${["unknown", "noise", "unlike", "partial", "close", "indistinguishable"].map(of).join(" | ")} | ${["fid", "kid", "oneNearestNeighbour", "coverage"].map(span).join(" | ")} |`,
    );
  }
  return lines.join("\n");
}

if (!values.table) await measureAll();
else {
  const texts = positionals.filter(existsSync).map((path) => readFileSync(path, "utf8").trim());
  const lines = texts.filter((text) => text !== "").flatMap((text) => text.split("\n"));
  console.log(table(lines.map((line) => JSON.parse(line))));
}
