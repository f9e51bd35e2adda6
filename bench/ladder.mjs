// Power of feature extractors: how often a set of real images that was spoilt in a known way is told from real images.
// Needs a build.
//   node bench/ladder.mjs --keep DIR [--data DATASET] [--label COL] [--size 32] [--features multiscale]... [--n 100]...
//                         [--draws 40] [--shuffles 200] [--most 1500] > rows.jsonl
//   node bench/ladder.mjs --table rows.jsonl... [--write]
// Without --data on the built-in phantom. DIR keeps packed images; --write puts the tables into docs/metrics.md. Half of the
// images (by patient where there are many), at most --most, is the real set, which extractors are opened on; spoilt images
// are of the other half. A draw is told apart where the energy distance in the space of the verdict is above the 95 % quantile of
// --shuffles draws of real images; the row "real images" has the false alarms among --draws other draws.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { silent } from "../dist/core/progress.js";
import { Rng } from "../dist/core/rng.js";
import { openStore } from "../dist/data/index.js";
import { energyDistance } from "../dist/evaluate/quality/energy.js";
import { halfOfTheModes } from "../dist/evaluate/verdict/degradations/subsets.js";
import { degrade, ladder } from "../dist/evaluate/verdict/degrade.js";
import { comparisonSpace } from "../dist/evaluate/verdict/space.js";
import { DEFAULT_FEATURES } from "../dist/features/default-features.js";
import { featureRows, readAll, selectImages } from "../dist/features/extractor.js";
import { openExtractor } from "../dist/features/open-extractor.js";
import { pixelVectors } from "../dist/features/pixel-vectors.js";
import { takeRows } from "../dist/math/linear/linear64.js";
import { runtimeLinear64 } from "../dist/math/linear/runtime-linear64.js";
import { quantile } from "../dist/math/quantile.js";
import { halvesOf, nameOf, openCollection } from "./collection.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string" },
    label: { type: "string" },
    keep: { type: "string", default: "ladder-images" },
    size: { type: "string", default: "32" },
    features: { type: "string", multiple: true, default: [...DEFAULT_FEATURES] },
    n: { type: "string", multiple: true, default: ["100", "300", "1000"] },
    most: { type: "string", default: "1500" },
    draws: { type: "string", default: "40" },
    shuffles: { type: "string", default: "200" },
    table: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const [size, most, draws, shuffles] = ["size", "most", "draws", "shuffles"].map((k) => Number(values[k]));
const name = nameOf(values.data);

/** What a draw is told apart by. */
const BY = "energy distance";

const linear = runtimeLinear64({ threads: 1 });

/**
 * Energy distance within classes, each as much as it has images; classes of few images are left out.
 * @param labels of the rows of `a` and `b`
 */
async function byClass(a, b, labels) {
  let sum = 0;
  for (const c of new Set(labels.a)) {
    const own = (side, called) =>
      takeRows(
        side,
        [...called.keys()].filter((i) => called[i] === c),
      );
    const [x, y] = [own(a, labels.a), own(b, labels.b)];
    if (x.rows >= 8 && y.rows >= 8) sum += x.rows * (await energyDistance(x, y, linear));
  }
  return sum;
}

/** Rows of the other half that are drawn from, and what their classes are called, for sets that lack something. */
async function subsets(other, labels, classes, source) {
  const members = classes.map((_, c) => [...other.keys()].filter((i) => labels[i] === c));
  const bySize = [...classes.keys()].sort((a, b) => members[b].length - members[a].length);
  const present = bySize.filter((c) => members[c].length > 0);
  const pixels = pixelVectors(source, [...other.keys()], 8, source.channels);
  const modes = await halfOfTheModes([[...other.keys()]], pixels, linear, 0);
  return [
    { title: "one class missing", rows: [...other.keys()].filter((i) => labels[i] !== present[1]) },
    { title: "half of the modes missing", rows: modes[0] },
    {
      title: "swapped classes",
      rows: [...other.keys()],
      called: Uint16Array.from(labels, (c) => present[(present.indexOf(c) + 1) % present.length]),
    },
  ];
}

async function measureAll() {
  const { store, patients, masks } = await openCollection({ ...values, size, images: 2 * most });
  const { labels, classes } = store;
  const halves = halvesOf(store, patients);
  const [first, second] = [halves.first, halves.second].map((rows, k) =>
    new Rng("ladder", k).shuffle([...rows]).slice(0, most),
  );
  const part = (rows) => {
    const own = Uint16Array.from(rows, (i) => labels[i]);
    const images = selectImages(store, rows);
    const held = openStore({
      source: readAll(images),
      resolution: size,
      channels: images.channels,
      classes,
      labels: own,
    });
    return { store: held, labels: own, rows };
  };
  const [real, other] = [part(first), part(second)];
  const regions = await masks(other.rows);
  const lacking = await subsets(other.rows, other.labels, classes, other.store);
  const dataset = { root: name, samples: real.rows.map((i) => ({ patient: halves.many ? patients[i] : undefined })) };
  for (const spec of values.features) {
    const started = performance.now();
    const context = {
      real: { name, dataset, hash: name, store: real.store, labels: real.labels },
      seed: 0,
      threads: 1,
      onProgress: silent,
    };
    const extractor = await openExtractor(spec, context);
    const ofReal = featureRows(await extractor.extract(real.store));
    const space = await comparisonSpace(ofReal, linear);
    const own = await space.place(ofReal);
    const placed = async (images) => space.place(featureRows(await extractor.extract(images)));
    const held = await placed(other.store);
    const sets = [];
    for (const step of ladder(size)) {
      const images = await degrade(other.store, step, 1, regions);
      sets.push({ title: step.degradation, strength: step.strength, features: await placed(images) });
    }
    console.error(name, spec, `${((performance.now() - started) / 1000).toFixed(0)} s for features`);
    for (const text of values.n) {
      const n = Math.min(Number(text), real.rows.length, other.rows.length);
      if (n < Number(text) && values.n.some((smaller) => Number(smaller) < Number(text) && Number(smaller) >= n))
        continue;
      const draw = async (features, rows, rng, called) => {
        const a = rng.shuffle([...real.rows.keys()]).slice(0, n);
        const b = rng.shuffle([...rows]).slice(0, n);
        const [x, y] = [takeRows(own, a), takeRows(features, b)];
        if (called === undefined) return energyDistance(x, y, linear);
        return byClass(x, y, { a: a.map((i) => real.labels[i]), b: b.map((i) => called[i]) });
      };
      const all = [...other.rows.keys()];
      const limitOf = async (called) => {
        const found = [];
        for (let d = 0; d < shuffles; d++) found.push(await draw(held, all, new Rng("null", n, d), called));
        return quantile(Float64Array.from(found).sort(), 0.95);
      };
      const tell = async (title, strength, features, rows, above, called) => {
        let told = 0;
        for (let d = 0; d < draws; d++) {
          if ((await draw(features, rows, new Rng("draw", n, d), called)) > above) told++;
        }
        const halves = Math.min(real.rows.length, other.rows.length);
        const row = { data: name, size, features: spec, by: BY, n, title, strength, halves, shuffles, draws, told };
        console.log(JSON.stringify(row));
      };
      const limit = await limitOf();
      await tell("real images", null, held, all, limit);
      for (const { title, strength, features } of sets) await tell(title, strength, features, all, limit);
      for (const { title, rows, called } of lacking) {
        if (rows.length < n) console.error(name, title, `${rows.length} images for n ${n}: not made`);
        else if (called === undefined) await tell(title, null, held, rows, limit);
        else await tell(title, null, held, rows, await limitOf(other.labels), called);
      }
    }
    await extractor.close();
  }
  store.close();
}

/** Power by degradation and extractor, a share for each n, of one collection. */
function table(rows) {
  const columns = [...new Set(rows.map(({ features }) => features))].map((one) => {
    const own = rows.filter(({ features }) => features === one);
    return { own, one, counts: [...new Set(own.map(({ n }) => n))].sort((a, b) => a - b) };
  });
  const titled = ({ title, strength }) => (strength === null ? title : `${title}, ${Number(strength.toPrecision(2))}`);
  const head = columns.map(({ one, counts }) => `${one}, n ${counts.join(" / ")}`);
  const lines = [`| | ${head.join(" | ")} |`, `|${"---|".repeat(head.length + 1)}`];
  for (const title of new Set(rows.map(titled))) {
    const cells = columns.map(({ own, counts }) => {
      const shares = counts.map((n) => {
        const row = own.find((r) => titled(r) === title && r.n === n);
        return row === undefined ? "-" : Math.round((100 * row.told) / row.draws);
      });
      return `${shares.join(" / ")} %`;
    });
    lines.push(`| ${title} | ${cells.join(" | ")} |`);
  }
  return lines.join("\n");
}

if (!values.table) await measureAll();
else {
  const texts = positionals.filter(existsSync).map((path) => readFileSync(path, "utf8").trim());
  const rows = texts.filter((text) => text !== "").flatMap((text) => text.split("\n").map((line) => JSON.parse(line)));
  const path = new URL("../docs/metrics.md", import.meta.url);
  let text = readFileSync(path, "utf8");
  for (const data of new Set(rows.map((row) => row.data))) {
    const own = rows.filter((row) => row.data === data);
    const each = (name) => [...new Set(own.map((row) => row[name]))].join(" or ");
    const halves = `${each("halves")} images in each half, ${each("draws")} draws of each, the limit of ${each("by")} from ${each("shuffles")} draws`;
    const made = `\n${data}, ${own[0].size} px, ${halves}:\n\n${table(own)}\n`;
    console.log(made);
    const [begin, end] = [`<!-- ladder ${data} -->`, `<!-- /ladder ${data} -->`];
    const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
    if (!values.write) continue;
    if (start < 0 || stop < 0) throw new Error(`docs/metrics.md has no place for ${data}`);
    text = `${text.slice(0, start + begin.length)}\n${made}${text.slice(stop)}`;
  }
  if (values.write) writeFileSync(path, text);
}
await linear.close();
