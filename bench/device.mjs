// Training on a GPU through WebGPU against the same steps in eager PyTorch on the same card, in turns.
// Usage: node bench/device.mjs [--python PATH] [--rounds N] [--seconds S] [--case PRESET:BATCH]... ; one JSON line a case.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openStore } from "../dist/data/index.js";
import { chooseDevice } from "../dist/graph/index.js";
import { architectureOf } from "../dist/train/index.js";
import { initialState } from "../dist/train/initial-state.js";
import { Trainer } from "../dist/train/trainer.js";
import { configOf, writeCase } from "./case.mjs";
import { interleave, median } from "./interleave.mjs";

const { values } = parseArgs({
  options: {
    python: { type: "string", default: "python3" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "2" },
    case: { type: "string", multiple: true, default: ["tiny:16", "small:16", "small:64", "base:16"] },
    half: { type: "boolean", default: false },
    "no-peer": { type: "boolean", default: false },
    tf32: { type: "boolean", default: false },
  },
});

/** Our steps: `intervals(n)` gives the seconds of n penalty intervals. */
async function openOurs(folder, preset, batch) {
  const plain = configOf(preset);
  const precision = values.half ? "half" : "float32";
  const config = { ...plain, device: "webgpu", precision, recipe: { ...plain.recipe, batch } };
  const { resolution, channels, dataset } = config;
  const labels = Uint16Array.from(readFileSync(join(folder, "store.labels.u8")));
  const source = readFileSync(join(folder, "store.images.u8"));
  const store = openStore({ source, resolution, channels, classes: dataset.classes, labels });
  const architecture = architectureOf(config);
  const trainer = await Trainer.open({ config, architecture, store, state: initialState(architecture, 0) });
  const intervals = async (count) => {
    const start = performance.now();
    for (let step = 0; step < count * config.recipe.penaltyInterval; step++) await trainer.advance();
    return (performance.now() - start) / 1000;
  };
  return { intervals, interval: config.recipe.penaltyInterval * batch, close: () => trainer.close() };
}

async function openPeer(folder, batch) {
  const script = fileURLToPath(new URL("peer/device.py", import.meta.url));
  const args = [script, folder, `${batch}`, values.tf32 ? "tf32" : "float32"];
  const child = spawn(values.python, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the peer has ended");
    return JSON.parse(value);
  };
  const about = await read();
  const intervals = async (count) => {
    child.stdin.write(`${JSON.stringify({ count })}\n`);
    return (await read()).seconds;
  };
  return { about, intervals, close: () => child.stdin.end() };
}

const { device } = await chooseDevice("webgpu", (text) => console.error(text));
if (device !== "webgpu") process.exit(1);
for (const asked of values.case) {
  const [preset, batchText] = asked.split(":");
  const batch = Number(batchText);
  const folder = mkdtempSync(join(tmpdir(), "ganglion-device-"));
  writeCase(folder, preset);
  const sides = { ours: await openOurs(folder, preset, batch) };
  if (!values["no-peer"]) sides.peer = await openPeer(folder, batch);
  const counts = {};
  for (const [name, side] of Object.entries(sides)) {
    await side.intervals(3);
    counts[name] = Math.max(1, Math.round((3 * Number(values.seconds)) / (await side.intervals(3))));
  }
  const perSecond = async (name) => (counts[name] * sides.ours.interval) / (await sides[name].intervals(counts[name]));
  const turns = Object.fromEntries(Object.keys(sides).map((name) => [name, () => perSecond(name)]));
  const rounds = await interleave(Number(values.rounds), turns);
  const rates = Object.fromEntries(Object.keys(sides).map((name) => [name, median(rounds.map((r) => r[name]))]));
  const ratio = sides.peer === undefined ? null : median(rounds.map((r) => r.ours / r.peer));
  console.log(
    JSON.stringify({ preset, batch, half: values.half, imagesPerSecond: rates, ratio, peer: sides.peer?.about }),
  );
  for (const side of Object.values(sides)) await side.close();
  rmSync(folder, { recursive: true, force: true });
}
