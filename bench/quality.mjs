// Trains, draws, evaluates and audits what bench/quality-plan.mjs names, and prints a table of figures by seed for each training.
// Usage, after `npm run build`:
//   node bench/quality.mjs OUT --data FOLDER --frozen squeezenet1_0.onnx [--seeds 0,1,2] [--jobs 2] [--before DIST] [NAME ...]
// FOLDER holds isic2017, sarcoma-mr and ham10000 as they came, without a split of ours. Without NAME all trainings are done, those of
// an earlier version only with --before; --table prints what OUT has and does nothing.
// Each training has one thread. What is in OUT is not done again and a training that was stopped goes on, so that the whole can
// be done in many sittings; files of other settings are not noticed: use one OUT for one state of the plan. A training that fails is
// named, the others are done, and the exit code is 1.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./interleave.mjs";
import { COLLECTIONS, TRAININGS } from "./quality-plan.mjs";

const text = { type: "string" };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ data: text, frozen: text, before: text },
    seeds: { ...text, default: "0,1,2" },
    jobs: { ...text, default: "1" },
    table: { type: "boolean", default: false },
  },
});
const fail = (message) => {
  console.error(`quality: ${message}`);
  process.exit(2);
};
const [out = fail("give OUT"), ...asked] = positionals;
const possible = Object.keys(TRAININGS).filter(
  (name) => values.table || values.before !== undefined || !TRAININGS[name].before,
);
const names = asked.length > 0 ? asked : possible;
for (const name of names) {
  if (!(name in TRAININGS)) fail(`${name}: there are ${Object.keys(TRAININGS).join(", ")}`);
  if (values.table) continue;
  if (!possible.includes(name)) fail(`${name} needs --before DIST`);
  if (TRAININGS[name].options.includes("FROZEN") && values.frozen === undefined) fail(`${name} needs --frozen FILE`);
}
const jobs = Number(values.jobs);
if (!Number.isInteger(jobs) || jobs < 1) fail(`--jobs ${values.jobs} is not a count`);
const seeds = values.seeds.split(",");
const tasks = seeds.flatMap((seed) => names.map((name) => ({ name, seed, folder: join(out, `${name}-${seed}`) })));

const CLI = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const json = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));

/** Processes that work now: they end with this one. */
const children = new Set();
process.on("exit", () => {
  for (const child of children) child.kill();
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

/** Runs a command of ganglion; what it says goes to `log`. */
async function ganglion(log, args, cli = CLI) {
  mkdirSync(dirname(log), { recursive: true });
  const child = spawn(
    "sh",
    ["-c", 'log=$1; shift; exec "$@" >>"$log" 2>&1', "-", log, process.execPath, cli, ...args],
    {
      stdio: "ignore",
    },
  );
  children.add(child);
  const code = await new Promise((done) => child.once("close", done));
  children.delete(child);
  if (code !== 0) throw new Error(`ganglion ${args[0]} ended with code ${code}: see ${log}`);
}

/** The collection in OUT with its split, and where a training asks for them (`NAME-unseen`) the images that are held out; made once. */
async function prepare(name) {
  const { source, label, holdout } = COLLECTIONS[name];
  const folder = join(out, "data", name);
  if (existsSync(folder)) return;
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  cpSync(join(values.data, source), draft, { recursive: true });
  if (holdout !== null) {
    const column = ["--column", "drawn", "--holdout", `${holdout}`, "--label", label];
    await ganglion(join(out, "data", `${name}.log`), ["split", draft, ...column, "--seed", "0"]);
    if (Object.values(TRAININGS).some(({ on, unseen }) => on === name && unseen))
      writeUnseen(draft, `${folder}-unseen`);
  }
  renameSync(draft, folder);
}

/** The held-out rows alone, as a dataset without a split. */
function writeUnseen(folder, unseen) {
  const [head, ...rows] = readFileSync(join(folder, "metadata.csv"), "utf8").trim().split(/\r?\n/);
  const column = head.split(",").indexOf("drawn");
  const kept = rows.filter((row) => row.split(",")[column] === "holdout");
  const strip = (row) => row.split(",").toSpliced(column, 1).join(",");
  rmSync(unseen, { recursive: true, force: true });
  cpSync(folder, unseen, { recursive: true });
  rmSync(join(unseen, "dataset.json"));
  writeFileSync(join(unseen, "metadata.csv"), `${[head, ...kept].map(strip).join("\n")}\n`);
}

async function make({ name, seed, folder }) {
  const { on, before, options, perClass, audit, unseen } = TRAININGS[name];
  const data = join(out, "data", on);
  const { label } = COLLECTIONS[on];
  const [run, set, report, audited] = ["run", "set", "report", "audit"].map((part) => join(folder, part));
  const log = join(folder, "log.txt");
  const cli = before ? join(resolve(values.before), "cli/main.js") : CLI;
  const train = options.map((option) => (option === "FROZEN" ? `onnx:${resolve(values.frozen)}` : option));
  if (!existsSync(join(folder, "trained"))) {
    const goOn = existsSync(join(run, "config.json")) ? ["--resume"] : [];
    const own = ["--label", label, "--threads", "1", "--seed", seed, "--out", run];
    await ganglion(log, ["train", data, ...own, ...train, ...goOn], cli);
    writeFileSync(join(folder, "trained"), "");
  }
  if (!existsSync(set))
    await ganglion(log, ["generate", run, "--per-class", `${perClass}`, "--out", set, "--threads", "1"]);
  if (!existsSync(join(report, "metrics.json"))) {
    const features = [
      "multiscale",
      "encoder",
      "radiomics",
      ...(values.frozen ? [`onnx:${resolve(values.frozen)}`] : []),
    ];
    const real = ["--real", unseen ? `${data}-unseen` : data, "--label", label];
    const how = [
      ...features.flatMap((kind) => ["--features", kind]),
      ...(unseen ? [] : before ? ["--holdout", data] : ["--run", run]),
    ];
    await ganglion(log, ["evaluate", ...real, "--synthetic", set, ...how, "--threads", "1", "--out", report]);
  }
  if (audit && !existsSync(join(audited, "audit.json"))) {
    const sides = ["--train", data, "--holdout", data, "--synthetic", set, "--run", run, "--drop-duplicates"];
    await ganglion(log, ["audit", ...sides, "--threads", "1", "--out", audited]);
  }
}

/** A row's cells by heading; those of figures are numbers. */
function figures({ folder }) {
  const { features, imageMetrics } = json(folder, "report", "metrics.json");
  const cells = {};
  for (const [kind, { overall, perClass }] of Object.entries(features)) {
    const short = kind.startsWith("onnx") ? "onnx" : kind;
    for (const metric of ["fid", "coverage", "recall"]) {
      cells[`${short} ${metric}`] = overall[metric]?.value;
      cells[`${short} ${metric}, real`] = overall[metric]?.floor;
    }
    if (short !== "multiscale") continue;
    const ratios = Object.values(perClass).flatMap(({ classAgreement: found }) =>
      found?.floor ? [found.value / found.floor] : [],
    );
    if (ratios.length === 0) continue;
    cells["class agreement of a class / real, mean"] = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
    cells["class agreement of a class / real, least"] = Math.min(...ratios);
  }
  for (const metric of ["classAgreement", "tstr"]) {
    cells[metric] = imageMetrics[metric]?.overall?.value;
    cells[`${metric}, real`] = imageMetrics[metric]?.overall?.floor;
  }
  cells["tstr AUC ratio"] = imageMetrics.tstr?.figures.aucRatio?.value;
  if (existsSync(join(folder, "audit", "audit.json"))) {
    const { copies, synthetic } = json(folder, "audit", "audit.json");
    cells.copies = new Set(copies.map((copy) => copy.synthetic)).size;
    cells["of drawn"] = synthetic.n;
  }
  return cells;
}

const written = (value) => (value === undefined || value === null ? "" : `${Number(value.toPrecision(3))}`);
/** A line for each figure, a column for each seed, and their median; trainings that are not measured are left out. */
function printTable(name) {
  const done = tasks.filter((task) => task.name === name && existsSync(join(task.folder, "report", "metrics.json")));
  if (done.length === 0) return;
  const columns = done.map(figures);
  console.log(`\n${name}: ${TRAININGS[name].options.join(" ")}\n`);
  console.log(`| figure | ${done.map(({ seed }) => `seed ${seed}`).join(" | ")} | median |`);
  console.log(`|---|${"---|".repeat(done.length + 1)}`);
  for (const heading of Object.keys(columns[0])) {
    const row = columns.map((cells) => cells[heading]);
    const found = row.filter((value) => typeof value === "number");
    if (found.length > 0) console.log(`| ${[heading, ...row.map(written), written(median(found))].join(" | ")} |`);
  }
}

if (!values.table) {
  if (values.data === undefined) fail("give --data FOLDER");
  for (const on of new Set(names.map((name) => TRAININGS[name].on))) await prepare(on);
  const waiting = [...tasks];
  const work = async () => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      const which = `${task.name}, seed ${task.seed}`;
      try {
        await make(task);
        console.error(`quality: ${which}, done`);
      } catch (error) {
        console.error(`quality: ${which}: ${error.message}`);
        process.exitCode = 1;
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
}
for (const name of names) printTable(name);
