// Trains variants of the recipe with several seeds and measures what each generator draws: how tables by seed in docs/recipes.md are made.
// Usage, after `npm run build`:
//   node bench/recipe.mjs DATASET WEIGHTS OUT --seeds 0,1,2 --jobs 2 [train options] -- NAME[:SETTING,...] NAME ...
//   node bench/recipe.mjs ham10000 squeezenet1_0.onnx /tmp/search --seeds 0,1,2 --jobs 2 \
//     --label dx --preset tiny --resolution 32 --images 16000 --threads 1 -- base simultaneous:updates=simultaneous
// Measured are the averaged weights at the end, not the state that the run kept as its best: variants are compared at
// equal images. A run that is in OUT by name and seed is not trained again: use one OUT for one set of options.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Rng } from "../dist/core/index.js";
import { openPackedStore } from "../dist/data/index.js";
import { fid, PRDC_NEIGHBOURS, prdc } from "../dist/evaluate/index.js";
import { featureRows, openOnnxExtractor, selectImages } from "../dist/features/index.js";
import { runtimeLinear64 } from "../dist/math/index.js";
import { openGenerator, readCheckpoint, writeGenerator } from "../dist/model/index.js";
import { prepareRun } from "../dist/train/index.js";

/** Real images of each class that take part: the protocol of docs/recipes.md. */
const MAX_PER_CLASS = 430;
const CLI = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
/** Options of `ganglion train` that are handed on. */
const HANDED = ["label", "preset", "resolution", "images", "minutes", "threads"];

const split = process.argv.indexOf("--");
if (split < 0) throw new Error("name the variants behind `--`; the head of this file shows how");
const { positionals, values } = parseArgs({
  args: process.argv.slice(2, split),
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "0,1,2" },
    jobs: { type: "string", default: "1" },
    ...Object.fromEntries(HANDED.map((name) => [name, { type: "string" }])),
  },
});
const [dataset, weights, out] = positionals;
const variants = process.argv.slice(split + 1).map((text) => {
  const [name, settings = ""] = text.split(":");
  const list = settings.split(",").filter(Boolean);
  const wrong = list.find((setting) => !setting.includes("="));
  if (wrong !== undefined) throw new Error(`${text}: ${wrong} is not NAME=VALUE`);
  return { name, settings: list };
});
const handed = HANDED.flatMap((name) => (values[name] === undefined ? [] : [`--${name}`, values[name]]));

async function train({ name, settings }, seed) {
  const folder = join(out, `${name}-${seed}`);
  if (existsSync(join(folder, "generator.onnx"))) return folder;
  const args = [CLI, "train", dataset, "--out", folder, "--seed", `${seed}`, ...handed];
  args.push(...settings.flatMap((setting) => ["--set", setting]), "--json", "--quiet");
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`${name}, seed ${seed}: training ended with code ${code}`);
  return folder;
}

/** The generator that a run ended with. */
async function writeLast(folder) {
  const checkpoints = join(folder, "checkpoints");
  const last = readdirSync(checkpoints)
    .filter((name) => /^\d+\.safetensors$/.test(name))
    .sort()
    .at(-1);
  const { architecture, classNames, progress, state } = await readCheckpoint(join(checkpoints, last));
  const { resolution, channels, latent } = architecture;
  const path = join(folder, "last.onnx");
  const description = { classes: classNames, resolution, channels, latent, imagesSeen: progress.imagesSeen };
  await writeGenerator(path, architecture, state.average, { ...description, seed: 0, license: "" });
  return { path, seconds: progress.seconds };
}

/** Generated images, in the order of `labels`, as a source of images. */
async function drawn(path, labels, threads) {
  const generator = await openGenerator(path, { threads });
  const { resolution, channels, latent, imagesSeen } = generator.description;
  const { batch } = generator;
  const size = channels * resolution ** 2;
  const bytes = new Uint8Array(labels.length * size);
  for (let start = 0; start < labels.length; start += batch) {
    const part = labels.subarray(start, start + batch);
    const z = new Float32Array(part.length * latent);
    new Rng(0, "quality", start).fillNormal(z);
    bytes.set(await generator.draw(z, part), start * size);
  }
  await generator.close();
  const readInto = (indices, into) => {
    indices.forEach((i, n) => {
      into.set(bytes.subarray(i * size, (i + 1) * size), n * size);
    });
  };
  return { imagesSeen, source: { count: labels.length, resolution, channels, readInto } };
}

/** One measurement of each run at a time; features of the real images are extracted once. */
async function openMeasure() {
  const request = { dataset, label: values.label, preset: values.preset, seed: 0 };
  const {
    dataset: data,
    indices,
    config,
  } = await prepareRun({
    ...request,
    resolution: values.resolution && Number(values.resolution),
  });
  const { resolution, channels } = config;
  const folder = join(out, "real");
  mkdirSync(folder, { recursive: true });
  const store = await openPackedStore(
    { ...data, classes: config.dataset.classes },
    { resolution, channels, folder, indices },
  );
  const taken = new Map();
  const chosen = [...store.labels.keys()].filter((i) => {
    const seen = taken.get(store.labels[i]) ?? 0;
    taken.set(store.labels[i], seen + 1);
    return seen < MAX_PER_CLASS;
  });
  const labels = Uint16Array.from(chosen, (i) => store.labels[i]);
  const extractor = await openOnnxExtractor(weights, { threads: 1 });
  const linear = runtimeLinear64({ threads: 1 });
  const real = featureRows(await extractor.extract(selectImages(store, chosen)));
  return async (path) => {
    const { imagesSeen, source } = await drawn(path, labels, 1);
    const synthetic = featureRows(await extractor.extract(source));
    const { precision, recall, coverage } = await prdc(real, synthetic, linear, PRDC_NEIGHBOURS);
    return { n: labels.length, imagesSeen, fid: await fid(real, synthetic, linear), precision, recall, coverage };
  };
}

const measure = await openMeasure();
let measuring = Promise.resolve();
const results = new Map(variants.map(({ name }) => [name, []]));
const waiting = values.seeds.split(",").flatMap((seed) => variants.map((variant) => ({ variant, seed })));

async function work() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { variant, seed } = next;
    const folder = await train(variant, seed);
    const file = join(folder, "quality.json");
    if (!existsSync(file)) {
      measuring = measuring.then(async () => {
        const { path, seconds } = await writeLast(folder);
        writeFileSync(file, JSON.stringify({ seconds, ...(await measure(path)) }));
      });
      await measuring;
    }
    const result = { seed, ...JSON.parse(readFileSync(file, "utf8")) };
    results.get(variant.name).push(result);
    console.error(variant.name, JSON.stringify(result));
  }
}

await Promise.all(Array.from({ length: Number(values.jobs) }, work));

const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
console.log("| variant | settings | images seen | FID by seed | FID, mean | coverage | recall |");
console.log("|---|---|---|---|---|---|---|");
for (const { name, settings } of variants) {
  const runs = results.get(name).sort((a, b) => a.seed - b.seed);
  const mid = (key) => mean(runs.map((run) => run[key]));
  const cells = [name, settings.join(" "), Math.round(mid("imagesSeen")), runs.map((r) => r.fid.toFixed(0)).join(", ")];
  console.log(
    `| ${[...cells, mid("fid").toFixed(0), mid("coverage").toFixed(3), mid("recall").toFixed(3)].join(" | ")} |`,
  );
}
