// Training at larger images beside `small` at 64 px: images a second and memory of the preset that each resolution takes by itself.
// Usage, after `npm run build`, on idle cores:   node bench/resolutions.mjs [--rounds 5] [--resolutions 128,256]
// Each resolution is a process of its own that holds its networks; the processes take turns in every round. A ratio is the median of
// the rounds' ratios. Memory is the most (VmHWM) that a process held, which does not depend on other work.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Rng } from "../dist/core/rng.js";
import { openStore } from "../dist/data/index.js";
import { PRESETS, presetResolution } from "../dist/model/index.js";
import { architectureOf } from "../dist/train/index.js";
import { initialState } from "../dist/train/initial-state.js";
import { planConvolutions } from "../dist/train/plan-cache.js";
import { stepGraphs } from "../dist/train/step-graphs.js";
import { Trainer } from "../dist/train/trainer.js";
import { configOf } from "./case.mjs";
import { ALLOCATOR, THREADS } from "./child.mjs";
import { interleave, median } from "./interleave.mjs";

const options = {
  rounds: { type: "string", default: "5" },
  resolutions: { type: "string", default: "128,256" },
  child: { type: "string" },
};
const { rounds, resolutions, child } = parseArgs({ options }).values;
/** What is asked of a resolution: its share of the images a second of 64 px, and MiB. */
const REQUIRED = { 128: { share: 1 / 4, memory: 1024 }, 256: { share: 1 / 16, memory: 2048 } };
/** Penalty intervals of a turn. */
const INTERVALS = { 64: 4, 128: 2, 256: 1 };

/** Trains intervals on request: one line in, seconds out. */
async function serve(resolution) {
  const preset = PRESETS.find((each) => presetResolution(each) === resolution);
  const made = configOf(preset);
  const config = { ...made, plans: await planConvolutions(stepGraphs(made), THREADS) };
  const architecture = architectureOf(config);
  const { classes } = config.dataset;
  const rng = new Rng("resolutions");
  const source = Uint8Array.from({ length: classes.length * 3 * resolution ** 2 }, () => rng.uint32() & 255);
  const labels = Uint16Array.from(classes.keys());
  const store = openStore({ source, resolution, channels: 3, classes, labels });
  const trainer = await Trainer.open({ config, architecture, store, state: initialState(architecture, 0) });
  for await (const line of createInterface({ input: process.stdin })) {
    const started = performance.now();
    const steps = Number(line) * config.recipe.penaltyInterval;
    for (let step = 0; step < steps; step++) await trainer.advance();
    const seconds = (performance.now() - started) / 1000;
    const memory = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024;
    console.log(JSON.stringify({ rate: (steps * config.recipe.batch) / seconds, memory }));
  }
  await trainer.close();
}

/** The process of a resolution, which waits while the others work. */
function open(resolution) {
  const script = fileURLToPath(import.meta.url);
  const started = spawn(process.execPath, [script, "--child", `${resolution}`], {
    env: { ...process.env, ...ALLOCATOR },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
  let memory = 0;
  return {
    async turn() {
      started.stdin.write(`${INTERVALS[resolution] ?? 1}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${resolution} px: the process ended`);
      const answer = JSON.parse(value);
      memory = answer.memory;
      return answer.rate;
    },
    memory: () => memory,
    close: () => started.stdin.end(),
  };
}

if (child === undefined) {
  const sizes = [64, ...resolutions.split(",").map(Number)];
  const sides = Object.fromEntries(sizes.map((resolution) => [resolution, open(resolution)]));
  const turns = Object.fromEntries(sizes.map((resolution) => [resolution, () => sides[resolution].turn()]));
  const measured = await interleave(Number(rounds), turns);
  console.log(`${cpus()[0].model}, ${cpus().length} processors, ${THREADS} threads, ${rounds} rounds\n`);
  console.log(
    "| resolution | images/s | share of 64 px | asked | memory, MiB | asked |\n|---|---:|---:|---:|---:|---:|",
  );
  for (const resolution of sizes) {
    const rate = median(measured.map((round) => round[resolution]));
    const share = median(measured.map((round) => round[resolution] / round[64]));
    const { share: least = 1, memory: most = "" } = REQUIRED[resolution] ?? {};
    const asked = resolution === 64 ? "" : least.toFixed(4);
    console.log(
      `| ${resolution} px | ${rate.toPrecision(3)} | ${share.toFixed(3)} | ${asked} | ${sides[resolution].memory().toFixed(0)} | ${most} |`,
    );
    sides[resolution].close();
  }
} else await serve(Number(child));
