// What all tests of the audit find of simulated generators that leak, and how often they alarm where there is none. Needs a build.
//   node bench/audit-leaks.mjs [--data DATASET] [--size 64] [--real 400] [--clean 160] [--seeds 10] [--write]
// Without --data on the built-in phantom; --write puts the table into docs/audit.md between the markers of its data set.
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { auditSets } from "../dist/audit/audit.js";
import { memorySets } from "../dist/audit/testing/memory-sets.js";
import { plant } from "../dist/audit/testing/plant.js";
import { silent } from "../dist/core/progress.js";
import { divideByPatient, imagePool } from "./leak-sets.mjs";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    size: { type: "string", default: "64" },
    real: { type: "string", default: "400" },
    clean: { type: "string", default: "160" },
    seeds: { type: "string", default: "10" },
    write: { type: "boolean", default: false },
  },
});
const [size, real, clean, seeds] = ["size", "real", "clean", "seeds"].map((k) => Number(values[k]));
const name = values.data === undefined ? "phantom" : basename(values.data);

async function audited({ train, holdout }, synthetic, seed = 0) {
  const sets = memorySets({ train, holdout, synthetic });
  const { audit } = await auditSets(sets, [], { seed, threads: 1, onProgress: silent });
  return audit;
}

const alarms = ({ findings }) => findings.filter(({ severity }) => severity === "critical" || severity === "warning");
const kinds = ({ findings }) =>
  [
    ...new Set(
      alarms({ findings }).map(
        ({ test, scope }) => `${test.replace(/\.pixel$/, "")}${scope === "all" ? "" : ` (${scope})`}`,
      ),
    ),
  ].join(", ") || "none";

async function leaked(parts, kind, indices) {
  const { store } = memorySets({ ...parts, synthetic: parts.train.slice(0, 1) }).train;
  const made = await plant(kind, store, indices, 1);
  return made.map((image, i) => ({ image, label: parts.train[indices[i]].label }));
}

const anonymous = (list) => list.map(({ image, label }) => ({ image, label }));
const rows = [];
function row(title, n, found, wrong, ofWrong, other) {
  rows.push(`| ${title} | ${n} | ${found} | ${wrong} of ${ofWrong} | ${other} |`);
  console.error(rows.at(-1));
}

const sizes = { train: real, holdout: real, clean };
const all = await imagePool(values.data, size, { count: 2 * real + 4 * clean });
const parts = divideByPatient(all, 0, sizes);
const fifty = Array.from({ length: parts.clean.length }, (_, i) => i % 50);
const overfitted = await audited(parts, await leaked(parts, "memorised", fifty));
row("a generator overfitted on 50 images (simulated)", fifty.length, overfitted.copies.length, 0, 0, kinds(overfitted));

const counts = new Map();
for (const { label } of parts.train) counts.set(label, (counts.get(label) ?? 0) + 1);
const rare = [...counts].filter(([, n]) => n >= 20).sort((a, b) => a[1] - b[1])[0][0];
const ofRare = [...parts.train.keys()].filter((i) => parts.train[i].label === rare).slice(0, 20);
const others = parts.clean.filter(({ label }) => label !== rare);
const rareLeak = await audited(parts, [
  ...anonymous(others),
  ...(await leaked(parts, "memorised", [...ofRare, ...ofRare])),
]);
const wrong = rareLeak.copies.filter(
  ({ synthetic }) => Number(/(\d+)\.png$/.exec(synthetic)[1]) < others.length,
).length;
row(
  `a leak in the class ${rare} only (simulated)`,
  2 * ofRare.length,
  rareLeak.copies.length - wrong,
  wrong,
  others.length,
  kinds(rareLeak),
);

let [setsWithAlarm, copiesCalled, images, tests] = [0, 0, 0, 0];
const which = [];
for (let seed = 1; seed <= seeds; seed++) {
  const drawn = divideByPatient(all, seed, sizes);
  const audit = await audited(drawn, anonymous(drawn.clean), seed);
  const found = alarms(audit);
  if (found.length > 0) {
    setsWithAlarm++;
    which.push(kinds(audit));
  }
  copiesCalled += audit.copies.length;
  images += drawn.clean.length;
  tests += audit.tests.filter(({ severity }) => severity !== null).length;
  console.error(`clean set ${seed}: ${kinds(audit)}`);
}
const text = `${real} training, ${real} held-out images at ${size} px, ${clean} other real images among the synthetic ones; by pixels, one draw.

| planted | images | called a copy | other images called a copy | tests that alarm |
|---|---|---|---|---|
${rows.join("\n")}

Clean sets (other real images passed as synthetic), ${seeds} draws of all three sets: ${setsWithAlarm} of ${seeds} sets with an alarm${which.length > 0 ? ` (${which.join("; ")})` : ""}; ${copiesCalled} of ${images} images called a copy; ${tests} tests in all.
`;
console.log(text);
if (values.write) {
  const path = new URL("../docs/audit.md", import.meta.url);
  const [begin, end] = [`<!-- audit-leaks ${name} -->`, `<!-- /audit-leaks ${name} -->`];
  const before = readFileSync(path, "utf8");
  const [start, stop] = [before.indexOf(begin), before.indexOf(end)];
  if (start < 0 || stop < 0) throw new Error(`docs/audit.md has no place for ${name}`);
  writeFileSync(path, `${before.slice(0, start + begin.length)}\n${text}${before.slice(stop)}`);
}
