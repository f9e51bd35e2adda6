// Calibrates the verdict of `ganglion evaluate`: what it says of real images against real ones, of sets known to be bad and of
// trainings. Needs a build.
//   node bench/verdict.mjs --keep DIR [--data DATASET] [--label COL] [--size 32] [--real 600] [--n 300] [--draws 15] [--bad 1]
//                          [--first 0] [--reals 0] [--only half] [--features multiscale]... [--set NAME=DATASET]...
//                          [--order onnx:PATH] > rows.jsonl
//   node bench/verdict.mjs --table [--write] rows.jsonl...
// Without --data on the built-in phantom. DIR keeps packed images. --bad N makes every bad set N times, --first is the number of
// the first draw, --reals that of the real images; --only makes those bad sets alone whose name contains a text. --set adds a
// synthetic set of the same classes; --order also measures FID of such sets by an extractor that has no say in anything else,
// beside whose order that of the shares is shown. The tables are made by the rules of the build from the distances in the rows,
// so that limits can be changed without measuring again; --write puts them into docs/metrics.md.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { silent } from "../dist/core/progress.js";
import { Rng } from "../dist/core/rng.js";
import { openPackedStore, openStore, readDataset } from "../dist/data/index.js";
import { classAgreement } from "../dist/evaluate/quality/class-agreement.js";
import { fid } from "../dist/evaluate/quality/fid.js";
import { METRICS } from "../dist/evaluate/quality/registry.js";
import { halfOfTheModes } from "../dist/evaluate/verdict/degradations/subsets.js";
import { degrade } from "../dist/evaluate/verdict/degrade.js";
import { gradeExtractor } from "../dist/evaluate/verdict/grade-extractor.js";
import { sightOf } from "../dist/evaluate/verdict/self-test.js";
import { verdictOf } from "../dist/evaluate/verdict/verdict.js";
import { DEFAULT_FEATURES } from "../dist/features/default-features.js";
import { featureRows, imagesInMemory, readAll, selectImages } from "../dist/features/extractor.js";
import { openExtractor } from "../dist/features/open-extractor.js";
import { openedExtractors } from "../dist/features/opened-extractors.js";
import { pixelVectors } from "../dist/features/pixel-vectors.js";
import { runtimeLinear64 } from "../dist/math/linear/runtime-linear64.js";
import { halvesOf, nameOf, openCollection } from "./collection.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string" },
    label: { type: "string" },
    keep: { type: "string", default: "verdict-encoders" },
    size: { type: "string", default: "32" },
    real: { type: "string", default: "600" },
    n: { type: "string", default: "300" },
    draws: { type: "string", default: "15" },
    features: { type: "string", multiple: true, default: [...DEFAULT_FEATURES] },
    bad: { type: "string", default: "1" },
    first: { type: "string", default: "0" },
    reals: { type: "string", default: "0" },
    only: { type: "string", default: "" },
    write: { type: "boolean", default: false },
    set: { type: "string", multiple: true, default: [] },
    order: { type: "string" },
    table: { type: "boolean", default: false },
  },
});
const [size, most, n, draws] = ["size", "real", "n", "draws"].map((k) => Number(values[k]));
const name = nameOf(values.data);
const first = Number(values.first);

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

/** Sets of no use, drawn from images of real ones: pixels spoilt, images left out or repeated, classes wrong. */
async function* badSets(source, labels, seed) {
  const rng = new Rng("verdict", "bad", seed);
  const side = size / 32;
  const spoilt = [
    ...[1, 1.5, 2, 3].map((px) => ["blur", px * side]),
    ...[2, 4].map((times) => ["low-pass", times]),
    ...[15, 30].map((levels) => ["noise", levels]),
    ...[5, 15].map((quality) => ["JPEG", quality]),
    ...[8, 16].map((levels) => ["checkerboard", levels]),
    ...[4, 10, 16].map((px) => ["shuffled patches", px * side]),
    ...[0.5, 1].map((strength) => ["mean image and noise", strength]),
    ...[2, 6].map((px) => ["smooth random fields", px * side]),
  ];
  for (const [degradation, strength] of spoilt) {
    if (!degradation.includes(values.only)) continue;
    const images = await degrade(source, { degradation, strength }, 77 + seed);
    yield [`${degradation}, ${strength}`, images, labels];
  }
  const all = [...labels.keys()];
  const few = rng.shuffle([...all]).slice(0, Math.max(2, Math.round(all.length / 12)));
  const repeated = all.map((_, i) => few[i % few.length]);
  const grain = await degrade(selectImages(source, repeated), { degradation: "noise", strength: 3 }, seed);
  yield ["one image in twelve, repeated with noise of 3", grain, repeated.map((i) => labels[i])];
  const fields = readAll(await degrade(source, { degradation: "smooth random fields", strength: 4 * side }, seed));
  const bytes = readAll(source);
  const each = bytes.length / all.length;
  for (const i of all) if (i % 3 === 0) bytes.set(fields.subarray(i * each, (i + 1) * each), i * each);
  yield ["a third fields", imagesInMemory(bytes, size, source.channels), labels];
  const present = [...new Set(labels)].sort((a, b) => a - b);
  if (present.length > 1) {
    const next = (label) => present[(present.indexOf(label) + 1) % present.length];
    yield ["swapped classes", source, labels.map(next)];
  }
}

/** Sets that lack half of the kinds of images, by features and by the pixels of small copies; half of the images are left. */
async function* withoutHalf(source, labels, extractor, seed) {
  const all = [...labels.keys()];
  const views = {
    features: featureRows(await extractor.extract(source)),
    pixels: pixelVectors(source, all, 8, source.channels),
  };
  for (const [view, places] of Object.entries(views)) {
    const kept = await halfOfTheModes([all], places, linear, seed);
    if (kept === null) continue;
    yield [`half of the kinds missing by ${view}`, selectImages(source, kept[0]), kept[0].map((i) => labels[i])];
  }
}

const linear = runtimeLinear64({ threads: 1 });

/** An extractor that knows images again: the same control images are blurred for every set of other class counts. */
function remembering(extractor) {
  const { name, learned, dimension } = extractor;
  const known = new Map();
  return {
    name,
    learned,
    dimension,
    async extract(source) {
      const bytes = readAll(source);
      const each = bytes.length / source.count;
      const keys = Array.from({ length: source.count }, (_, i) =>
        createHash("sha1")
          .update(bytes.subarray(i * each, (i + 1) * each))
          .digest("base64"),
      );
      const unknown = [...keys.keys()].filter((i) => !known.has(keys[i]) && keys.indexOf(keys[i]) === i);
      if (unknown.length > 0) {
        const { data } = await extractor.extract(selectImages(source, unknown));
        for (const [k, i] of unknown.entries()) known.set(keys[i], data.slice(k * dimension, (k + 1) * dimension));
      }
      const data = new Float64Array(source.count * dimension);
      for (const [i, key] of keys.entries()) data.set(known.get(key), i * dimension);
      return { n: source.count, d: dimension, data };
    },
  };
}

async function measureAll() {
  const { store, patients } = await openCollection({ ...values, size, images: 4 * most });
  const { labels, classes, channels } = store;
  const halves = halvesOf(store, patients);
  const { second, many } = halves;
  const which = values.reals === "0" ? [] : [Number(values.reals)];
  const realRows = evenly(halves.first, labels, most, new Rng("verdict", "real", ...which));
  const pick = (rows) =>
    asSet(
      selectImages(store, rows),
      Uint16Array.from(rows, (i) => labels[i]),
      classes,
    );
  const real = pick(realRows);
  // The order of the rows and the labels are part of the name that a trained encoder is kept under.
  const samples = realRows.map((i) => ({ fileName: String(i), patient: many ? patients[i] : undefined }));
  const dataset = { root: name, samples, reader: { readMask: async () => null } };
  const known = { ...real, name, hash: name, dataset };
  const context = { real: known, seed: 0, threads: 1, onProgress: silent };
  const opened = openedExtractors(values.features, context);
  const extractors = (await opened.all()).map(remembering);
  async function told(kind, set, seed, more = {}) {
    const sights = {};
    const sets = { real: known, synthetic: set, holdout: null, classes, resolution: size, channels };
    for (const extractor of extractors) {
      const rows = {
        real: featureRows(await extractor.extract(real.store)),
        synthetic: featureRows(await extractor.extract(set.store)),
        holdout: null,
      };
      const sight = await sightOf(sets, extractor, rows, linear, 0, silent);
      sights[extractor.name] = { recalls: extractor.learned?.recalls ?? null, sight };
    }
    const matched = { second: Int32Array.from(set.labels.keys()) };
    const { overall, chance, fit, sentence } = classAgreement({ sets, matched, seed: 0 });
    const row = {
      data: name,
      size,
      kind,
      n,
      seed,
      reals: Number(values.reals),
      classes,
      sights,
      agreement: { overall, chance, fit, sentence },
      ...more,
    };
    const { verdict } = graded(row);
    console.error(name, kind, seed, verdict.grade, JSON.stringify(verdict.parts), verdict.place);
    console.log(JSON.stringify(row));
  }
  for (let d = first; d < first + draws; d++)
    await told(`real`, pick(evenly(second, labels, n, new Rng("verdict", d, n))), d);
  for (let d = first; d < first + Number(values.bad); d++) {
    const drawn = (count) => {
      const rows = evenly(second, labels, count, new Rng("verdict", "bad", d));
      return [selectImages(store, rows), rows.map((i) => labels[i])];
    };
    const sets = [
      badSets(...drawn(n), d),
      withoutHalf(...drawn(n), extractors[0], d),
      withoutHalf(...drawn(2 * n), extractors[0], d),
    ];
    for (const list of sets) {
      for await (const [kind, source, own] of list) {
        if (kind.includes(values.only)) await told(kind, asSet(source, Uint16Array.from(own), classes), d);
      }
    }
  }
  const judge = values.order === undefined ? null : await openExtractor(values.order, context);
  const seen = async (source) => featureRows(await judge.extract(source));
  const realSeen = judge === null ? null : await seen(real.store);
  for (const entry of values.set) {
    const [title, path] = entry.split("=");
    const drawnSet = await readDataset(path);
    const folder = join(values.keep, `packed-${name}-${title}`);
    await mkdir(folder, { recursive: true });
    const drawn = await openPackedStore(drawnSet, { resolution: size, channels, folder });
    const own = Uint16Array.from(drawn.labels, (label) => classes.indexOf(drawnSet.classes[label]));
    const rows = evenly([...own.keys()], own, most, new Rng("verdict", "order"));
    const more = judge === null ? {} : { fid: await fid(realSeen, await seen(selectImages(drawn, rows)), linear) };
    await told(title, asSet(selectImages(drawn, [...own.keys()]), own, classes), 1, more);
    drawn.close();
  }
  await judge?.close();
  await linear.close();
  await opened.close();
  store.close();
}

/** What is known of all images is left open: the draws alone decide. */
const OPEN = Object.fromEntries(METRICS.map((metric) => [metric, null]));

/** The verdict on a set, and the ladders of the extractors. */
function graded({ classes, sights, agreement }) {
  const features = {};
  const selfTest = {};
  for (const [extractor, { recalls, sight }] of Object.entries(sights)) {
    const found = gradeExtractor(sight, recalls === null ? undefined : { unseen: [], recalls }, classes);
    features[extractor] = { overall: OPEN, likeness: found.likeness, perClass: {}, perAttribute: {} };
    selfTest[extractor] = found.selfTest;
  }
  const protocol = {
    perClass: Object.fromEntries(classes.map((label) => [label, { n: 1, floorN: 1 }])),
    perAttribute: {},
  };
  return {
    verdict: verdictOf({ features, selfTest, protocol, imageMetrics: { classAgreement: agreement } }),
    ladder: selfTest,
    features,
  };
}

/** The numbers that the grades stand on, by extractor. */
function shares(row) {
  const round = (value) => (value === null ? null : Number(value.toPrecision(3)));
  return Object.fromEntries(
    Object.entries(graded(row).features).map(([extractor, { likeness }]) => [
      extractor,
      likeness === null
        ? null
        : {
            n: likeness.n,
            share: round(likeness.share),
            told: likeness.told,
            modes: [round(likeness.modes.value - likeness.modes.floor), likeness.modes.told],
            nn: round(likeness.oneNearestNeighbour.value - Math.max(0.5, likeness.oneNearestNeighbour.floor)),
            coverage: round(likeness.coverage.value / likeness.coverage.floor),
            classes: Object.entries(likeness.classes).map(([label, c]) => [
              label,
              c.told,
              round(c.share),
              round(c.swapped),
            ]),
          },
    ]),
  );
}

/** Numbers of sets by grade, and the smallest and largest of the numbers that the grades stand on. */
function table(rows) {
  const groups = new Map();
  for (const row of rows) {
    const key = `${row.data} | ${row.kind.replace(/, [0-9.]+$/, "")} | ${row.n}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const grades = ["unknown", "noise", "unlike", "partial", "close", "indistinguishable"];
  const numbers = [
    ["share", ({ share }) => share],
    ["told", ({ told }) => told],
    ["1-NN, above", ({ nn }) => nn],
    ["coverage", ({ coverage }) => coverage],
    ["kinds", ({ modes }) => modes[0]],
  ];
  const head = [
    "real images",
    "set",
    "n asked",
    "sets",
    "cannot say",
    ...grades.slice(1),
    ...numbers.map(([title]) => title),
  ];
  const lines = [`| ${head.join(" | ")} |`, `|${"---|".repeat(head.length)}`];
  for (const [key, list] of groups) {
    const found = list.map((row) => graded(row).verdict.grade);
    const of = (grade) => found.filter((own) => own === grade).length || "";
    const all = list.flatMap((row) => Object.values(shares(row))).filter((own) => own !== null);
    const span = (read) => {
      const shown = all.map(read).sort((x, y) => x - y);
      const text = (value) => value.toFixed(2).replace(/^-0\.00$/, "0.00");
      const [low, high] = [text(shown[0]), text(shown.at(-1))];
      return low === high ? low : `${low} to ${high}`;
    };
    lines.push(
      `| ${key} | ${list.length} | ${[...grades.map(of), ...numbers.map(([, read]) => span(read))].join(" | ")} |`,
    );
  }
  return lines.join("\n");
}

/** Places of values from the smallest, equal ones in the middle of theirs. */
const ranks = (values) =>
  values.map((own) => values.filter((v) => v < own).length + (values.filter((v) => v === own).length - 1) / 2);

/** Spearman's rank correlation. */
function rankCorrelation(first, second) {
  const [a, b] = [ranks(first), ranks(second)];
  const middle = (a.length - 1) / 2;
  const product = (x, y) => x.reduce((sum, own, i) => sum + (own - middle) * (y[i] - middle), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

/** Trainings by their share and by the FID of --order, and how well the orders agree. */
function orderTable(rows) {
  const trained = rows.filter(({ fid }) => fid !== undefined);
  const shareIn = (row) => Object.values(shares(row))[0].share;
  const lines = ["| real images | set | share | grade | FID |", "|---|---|---|---|---|"];
  const agreements = [];
  for (const data of new Set(trained.map((row) => row.data))) {
    const own = trained.filter((row) => row.data === data);
    for (const row of own) {
      const { grade } = graded(row).verdict;
      lines.push(`| ${data} | ${row.kind} | ${shareIn(row)} | ${grade} | ${row.fid.toFixed(1)} |`);
    }
    const rho = rankCorrelation(
      own.map(shareIn),
      own.map(({ fid }) => fid),
    );
    agreements.push(`${data} ${rho.toFixed(2)} (${own.length})`);
  }
  const all = rankCorrelation(
    trained.map(shareIn),
    trained.map(({ fid }) => fid),
  );
  return `${lines.join("\n")}\n\nRank correlation: ${agreements.join(", ")}; all together ${all.toFixed(2)} (${trained.length}).`;
}

/** Power of every step of the ladder, by the collection and n. */
function ladderTable(rows) {
  const firsts = rows.filter(
    (row, i) =>
      row.kind === "real" && rows.findIndex((r) => r.kind === "real" && r.data === row.data && r.n === row.n) === i,
  );
  const steps = Object.values(graded(firsts[0]).ladder)[0].ladder.map(({ degradation, strength }) => [
    degradation,
    strength,
  ]);
  const head = ["step", ...firsts.map(({ data, n }) => `${data}, ${n} asked`)];
  const lines = [`| ${head.join(" | ")} |`, `|${"---|".repeat(head.length)}`];
  for (const [degradation, strength] of steps) {
    const cells = firsts.map((row) => {
      const { ladder } = Object.values(graded(row).ladder)[0];
      const own = ladder.find((rung) => rung.degradation === degradation && rung.strength === strength);
      if (own === undefined) return "-";
      const share = own.share === null ? "" : `${own.share.toFixed(2)}, `;
      return `${own.power.toFixed(1)} (${share}${own.grade})`;
    });
    lines.push(`| ${degradation} ${strength} | ${cells.join(" | ")} |`);
  }
  return lines.join("\n");
}

/** A row as it was measured: sorted lists were written as objects. */
function read(line) {
  const row = JSON.parse(line);
  for (const { sight } of Object.values(row.sights)) {
    for (const name of ["divided", "dividedModes"]) {
      if (sight.yardstick !== null) sight.yardstick[name] = Object.values(sight.yardstick[name]);
    }
  }
  return row;
}

const START = "<!-- verdict -->";
const END = "<!-- /verdict -->";

if (!values.table) await measureAll();
else {
  await linear.close();
  const texts = positionals.map((path) => readFileSync(path, "utf8").trim());
  const rows = texts
    .filter((text) => text !== "")
    .flatMap((text) => text.split("\n"))
    .map(read);
  const text = [
    "Power of each step, in brackets its share and grade:",
    ladderTable(rows),
    "Grades of other real images, of sets known to be bad and of trainings:",
    table(rows),
    ...(rows.some(({ fid }) => fid !== undefined)
      ? ["Trainings in the order of their share, beside FID by an extractor that has no say:", orderTable(rows)]
      : []),
  ].join("\n\n");
  if (!values.write) console.log(text);
  else {
    const page = readFileSync("docs/metrics.md", "utf8");
    writeFileSync(
      "docs/metrics.md",
      `${page.slice(0, page.indexOf(START) + START.length)}\n${text}\n${page.slice(page.indexOf(END))}`,
    );
  }
}
