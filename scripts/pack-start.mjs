// Packs a run as a start: `node scripts/pack-start.mjs RUN NAME --about TEXT --title TEXT --attribution TEXT --command TEXT
// [--audit FOLDER] [--metrics FOLDER] [--license ID] [--without-discriminator] [--out FOLDER]`. Writes starts/NAME (docs/starts.md); needs a build.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { packStart } from "../dist/train/index.js";

const text = { type: "string" };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ about: text, title: text, attribution: text, command: text, audit: text, metrics: text, out: text },
    license: text,
    "without-discriminator": { type: "boolean", default: false },
  },
});
const [run, name] = positionals;
for (const needed of ["about", "title", "attribution", "command"])
  if (!values[needed]) fail(`--${needed} TEXT is missing`);
if (run === undefined || name === undefined) fail("give RUN and NAME");

function fail(message) {
  console.error(`pack-start: ${message}`);
  process.exit(2);
}

const json = async (...names) => JSON.parse(await readFile(join(...names), "utf8"));
const config = await json(run, "config.json");

/** Figures of an audit of this run. */
async function auditOf(folder) {
  const audit = await json(folder, "audit.json");
  const generator = createHash("sha256")
    .update(await readFile(join(run, "generator.onnx")))
    .digest("hex");
  if (audit.run?.generator !== generator) fail(`${folder}: the audit is not of ${run}; audit with --run ${run}`);
  if (audit.train.hash !== config.dataset.hash) fail(`${folder}: the audit compared with other images than the run's`);
  const attacks = audit.tests
    .filter(({ id, scope, figures }) => id.startsWith("membership") && scope === "all" && figures.auc)
    .map(({ figures }) => figures.auc);
  const worst = attacks.sort((a, b) => b.value - a.value)[0];
  return {
    verdict: audit.verdict,
    train: audit.train.n,
    holdout: audit.holdout.n,
    synthetic: audit.synthetic.n,
    copies: new Set(audit.copies.map(({ synthetic }) => synthetic)).size,
    membershipAuc: worst === undefined ? null : { value: worst.value, low: worst.low, high: worst.high },
  };
}

/** What `evaluate` says: the verdict, and the means over all images by features and metric. */
async function qualityOf(folder) {
  const metrics = await json(folder, "metrics.json");
  const figures = Object.entries(metrics.features).flatMap(([features, { overall }]) =>
    Object.entries(overall).flatMap(([metric, found]) =>
      typeof found?.value === "number" ? [[`${features} ${metric}`, found.value]] : [],
    ),
  );
  return { sentence: metrics.verdict.sentence, figures: Object.fromEntries(figures) };
}

const folder = resolve(values.out ?? join("starts", name));
const { file, bytes } = await packStart(folder, {
  ...{ run, name, about: values.about, title: values.title, attribution: values.attribution, command: values.command },
  audit: values.audit === undefined ? null : await auditOf(values.audit),
  quality: values.metrics === undefined ? null : await qualityOf(values.metrics),
  license: values.license,
  withoutDiscriminator: values["without-discriminator"],
});
console.log(`${folder}: ${(bytes / 1e6).toFixed(1)} MB, ${file.origins[0].imagesSeen} images seen`);
console.log(`rounding changes ${file.rounding.mean} of 255 levels on average, ${file.rounding.most} at most`);
