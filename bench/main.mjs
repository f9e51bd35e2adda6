// Compares training, generation, memory and metrics with PyTorch, SciPy and NumPy. The protocol: docs/benchmarks.md.
// Usage: npm run bench -- [--only steps|training|generation|memory|families|metrics] [--preset tiny|small] [--family NAME] [--rounds N] [--quick] [--docs]
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { processor } from "../dist/core/processor.js";
import { familyNames } from "../dist/model/index.js";
import { PYTHONS, THREADS, withChildren } from "./child.mjs";
import { measureFamilies } from "./families.mjs";
import { measureSteps } from "./family-steps.mjs";
import { measureMetrics } from "./metrics.mjs";
import { BENCHED, measureGeneration, measureMemory, measureTraining } from "./networks.mjs";

const PARTS = {
  steps: measureSteps,
  training: measureTraining,
  generation: measureGeneration,
  memory: measureMemory,
  families: measureFamilies,
  metrics: measureMetrics,
};
const ROUNDS = 7;
const RESULTS = new URL("results.json", import.meta.url);
const DOCUMENT = new URL("../docs/benchmarks.md", import.meta.url);
const INSTALL = `  python3 -m venv /tmp/torch && /tmp/torch/bin/pip install torch numpy scipy
  GANGLION_BENCH_PYTHON=/tmp/torch/bin/python npm run bench
current PyTorch, and Debian's beside it with
  sudo apt-get install -y python3-torch python3-scipy libopenblas0-pthread`;

const say = (text) => console.error(`bench: ${text}`);

function fail(message) {
  say(message);
  process.exit(1);
}

function readOptions() {
  const options = {
    only: { type: "string" },
    preset: { type: "string" },
    family: { type: "string" },
    rounds: { type: "string" },
    quick: { type: "boolean" },
    docs: { type: "boolean" },
  };
  const { values } = parseArgs({ options });
  const { only, preset, family, rounds, quick = false, docs = false } = values;
  if (only !== undefined && !(only in PARTS)) fail(`--only ${only}: there are ${Object.keys(PARTS).join(", ")}`);
  if (preset !== undefined && !BENCHED.includes(preset)) fail(`--preset ${preset}: there are ${BENCHED.join(", ")}`);
  if (family !== undefined && !familyNames().includes(family))
    fail(`--family ${family}: there are ${familyNames().join(", ")}`);
  if (family !== undefined && only !== "families" && only !== "steps")
    fail("--family is of the parts families and steps; add --only families");
  const count = Number(rounds ?? (quick ? 1 : ROUNDS));
  if (!Number.isInteger(count) || count < 1) fail(`--rounds ${rounds} is not a count of rounds: use 1 or more`);
  return { parts: only === undefined ? Object.keys(PARTS) : [only], preset, family, rounds: count, quick, docs };
}

/** Versions and abilities of each peer, the current one first; ends the process where there is none. */
async function describePeers() {
  if (PYTHONS.length === 0) fail(`the peers are missing (PyTorch and SciPy); install them with\n${INSTALL}`);
  const peers = [];
  for (const path of PYTHONS) {
    const peer = await withChildren([path], (child) => child.ask({ do: "describe" }));
    if (!peer.openblas) fail(`${path} runs on a slow BLAS, which would be unfair; install OpenBLAS with\n${INSTALL}`);
    peers.push({ path, name: `PyTorch ${peer.torch.split("+")[0]}`, ...peer });
  }
  return peers;
}

const digits = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

function table(rows) {
  const lines = rows.map(({ case: name, unit, ours, peer, ratio, required, met }) =>
    [
      name,
      `${digits(ours)} ${unit}`,
      `${digits(peer)} ${unit}`,
      ratio.toFixed(2),
      required,
      met ? "met" : "NOT met",
    ].join(" | "),
  );
  const head = ["case | ours | peer | ratio | required | verdict", "--- | ---: | ---: | ---: | ---: | ---"];
  return [...head, ...lines].map((line) => `| ${line} |`).join("\n");
}

/** Puts every measured part between the marks of the document. */
function writeDocument(results) {
  const parts = Object.keys(PARTS).filter((name) => results[name] !== undefined);
  const machines = new Set(
    parts.map((name) => {
      const { date, processor, node, peers } = results[name];
      const versions = peers.map(
        ({ torch, numpy, scipy, vectors }) => `PyTorch ${torch} (${vectors}) with NumPy ${numpy} and SciPy ${scipy}`,
      );
      return `Measured ${date} on ${processor}, ${THREADS} threads per side; Node ${node}; ${versions.join("; ")}.`;
    }),
  );
  const text = `${table(parts.flatMap((name) => results[name].rows))}\n\n${[...machines].join("\n")}`;
  const marks = /(<!-- results -->\n)[\s\S]*(\n<!-- end of results -->)/;
  writeFileSync(
    DOCUMENT,
    readFileSync(DOCUMENT, "utf8").replace(marks, (_, before, after) => before + text + after),
  );
}

/** Rows in the order of the families: one may have been measured later than the others. */
const byFamily = (rows) => familyNames().flatMap((name) => rows.filter((row) => row.family === name));

const { parts, preset, family, rounds, quick, docs } = readOptions();
const peers = await describePeers();
const [load] = loadavg();
if (load > 0.5) say(`the load of this machine is ${load.toFixed(1)}: times are only worth something on an idle one`);
const scratch = mkdtempSync(join(tmpdir(), "ganglion-bench-"));
try {
  const measured = {};
  for (const part of parts) {
    say(`${part} ...`);
    const { model, logical, vectors } = processor();
    const machine = {
      processor: `${model}, ${logical} processors, ${vectors?.join(" ") ?? "instruction sets unknown"}`,
      node: process.versions.node,
      peers,
    };
    const rows = await PARTS[part]({ scratch, peers, preset, family, rounds, quick, say });
    measured[part] = { date: new Date().toISOString().slice(0, 10), loadBefore: load, ...machine, rows };
  }
  console.log(table(parts.flatMap((part) => measured[part].rows)));
  if (quick || preset !== undefined) {
    say("a partial run is not kept; the times of a quick one mean nothing");
  } else {
    const kept = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")) : {};
    const others = family === undefined ? [] : (kept.families?.rows ?? []).filter((row) => row.family !== family);
    if (measured.families !== undefined) measured.families.rows = byFamily([...others, ...measured.families.rows]);
    const results = { ...kept, ...measured };
    writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
    if (docs) writeDocument(results);
  }
} catch (error) {
  say(error.message);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
