// The classifier of studies against the same network in PyTorch, on the same images, splits and seeds: the table in docs/study.md.
// Usage, after `npm run build`:
//   node bench/classifier.mjs DATASET OUT --label diagnosis [--positive melanoma] [--patient COLUMN] [--resolution 32]
//     [--epochs 15] [--seeds 0,1,2] [--split-seed 0] [--sides ours,peer]
// A quarter of the images is held out for the test and a fifth of the rest for stopping, by patient and stratified by class.
// One thread a training, one training at a time. Figures are of the kept epoch, test images seen from four sides.
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openPackedStore, readDataset, stratifiedSplit } from "../dist/data/index.js";
import { designResidual, residualLayout } from "../dist/study/classifier/residual-network.js";
import { openResidualReader } from "../dist/study/classifier/residual-reader.js";
import { RESIDUAL_RECIPE, trainResidual } from "../dist/study/classifier/train-residual.js";
import { parseOutcomeMetric } from "../dist/study/statistics/outcome-metric.js";

const VIEWS = 4;
const PYTHON = "/usr/bin/python3";
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    label: { type: "string" },
    patient: { type: "string" },
    positive: { type: "string" },
    resolution: { type: "string", default: "32" },
    epochs: { type: "string", default: "15" },
    seeds: { type: "string", default: "0,1,2" },
    "split-seed": { type: "string", default: "0" },
    sides: { type: "string", default: "ours,peer" },
  },
});
const [folder, out] = positionals;
if (out === undefined) throw new Error("name a dataset and an output folder; the head of this file shows how");
const resolution = Number(values.resolution);
const epochs = Number(values.epochs);
const sides = values.sides.split(",");
mkdirSync(out, { recursive: true });

const dataset = await readDataset(folder, { label: values.label, patient: values.patient });
const store = await openPackedStore(dataset, { resolution, folder: join(out, "packed") });
const names = dataset.samples.map(({ label }) =>
  values.positive === undefined || label === values.positive ? label : "rest",
);
const patients = dataset.samples.map(({ patient }) => patient);
const classes = [...new Set(names)].sort();
const labels = names.map((name) => classes.indexOf(name));

/** Two parts of images, by patient, the second with that share. */
function divide(indices, share) {
  const parts = stratifiedSplit(
    indices.map((i) => names[i]),
    {
      fractions: [1 - share, share],
      groups: indices.map((i) => patients[i]),
      seed: Number(values["split-seed"]),
    },
  );
  return parts.map((part) => part.map((place) => indices[place]));
}
const [rest, test] = divide([...names.keys()], 0.25);
const [train, validation] = divide(rest, 0.2);
const size = store.channels * resolution ** 2;
const read = (indices) => {
  const bytes = new Uint8Array(indices.length * size);
  store.readInto(indices, bytes);
  return bytes;
};
const images = {
  resolution,
  channels: store.channels,
  classes,
  labels,
  readInto: (indices, into) => store.readInto(indices, into),
};

function measure(probabilities) {
  const testLabels = Int32Array.from(test, (i) => labels[i]);
  const set = { name: "test", classes, labels: testLabels, patients: testLabels };
  const ones = new Float64Array(test.length).fill(1);
  const figure = (metric) => parseOutcomeMetric(metric).prepare(probabilities, set)(ones);
  return { auc: figure("auc"), balancedAccuracy: figure("balancedAccuracy") };
}

async function ours(seed) {
  const started = process.cpuUsage();
  const trained = await trainResidual(images, { train, validation, epochs, patience: epochs, seed });
  const { user, system } = process.cpuUsage(started);
  const reader = await openResidualReader(trained.architecture, 1);
  const probabilities = await reader.read(trained.weights, read(test), VIEWS);
  await reader.close();
  const seconds = (user + system) / 1e6;
  return { ...measure(probabilities), seconds, best: trained.best, validation: trained.validation };
}

const architecture = designResidual(resolution, store.channels, classes.length);
if (sides.includes("peer")) {
  const parameters = residualLayout(architecture).parameters.map(({ name, shape, deviation, rate }) => {
    return { name, shape, deviation, rate };
  });
  writeFileSync(join(out, "images.u8"), read([...names.keys()]));
  const facts = { ...architecture, parameters, labels, train, validation, test, epochs, views: VIEWS };
  writeFileSync(join(out, "case.json"), JSON.stringify({ ...facts, recipe: RESIDUAL_RECIPE }));
}

function peer(seed) {
  const script = fileURLToPath(new URL("peer/classifier.py", import.meta.url));
  const env = { ...process.env, OMP_NUM_THREADS: "1", PYTHONDONTWRITEBYTECODE: "1" };
  const { status, stdout } = spawnSync(PYTHON, ["-s", script, out, `${seed}`], {
    encoding: "utf8",
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`the peer ended with ${status}`);
  return JSON.parse(stdout);
}

const counts = classes.map((name) => `${name} ${names.filter((other) => other === name).length}`).join(", ");
console.log(
  `${names.length} images of ${resolution} px (${counts}); ${train.length} trained on, ${validation.length} to`,
);
console.log(`stop on, ${test.length} to test; ${epochs} epochs; seconds of processor time in training`);
const found = {};
for (const seed of values.seeds.split(",").map(Number)) {
  for (const side of sides) {
    const result = side === "ours" ? await ours(seed) : peer(seed);
    found[side] = [...(found[side] ?? []), result];
    appendFileSync(join(out, "results.jsonl"), `${JSON.stringify({ side, seed, epochs, ...result })}\n`);
    const figures = `AUC ${result.auc.toFixed(3)}, balanced accuracy ${result.balancedAccuracy.toFixed(3)}`;
    console.log(`${side} seed ${seed}: ${figures}, epoch ${result.best + 1}, ${result.seconds.toFixed(0)} s`);
  }
}
for (const [side, results] of Object.entries(found)) {
  const mean = (name) => (results.reduce((sum, result) => sum + result[name], 0) / results.length).toFixed(3);
  console.log(`${side} mean: AUC ${mean("auc")}, balanced accuracy ${mean("balancedAccuracy")}`);
}
