// The same study with 1 and 2 jobs at a time, in processes of this machine and over Redis, each into a store of its own.
// Usage: node bench/study-scale.mjs CONFIG.json [--rounds 1]   (after `npm run build`; needs redis-server)
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const { values, positionals } = parseArgs({ options: { rounds: { type: "string" } }, allowPositionals: true });
const [config] = positionals;
const rounds = Number(values.rounds ?? 1);
/** How the study runs: its name, processes of this machine, workers over Redis. */
const WAYS = [
  { name: "1 process", processes: 1, workers: 0 },
  { name: "1 worker", processes: 0, workers: 1 },
  { name: "2 processes", processes: 2, workers: 0 },
  { name: "2 workers", processes: 0, workers: 2 },
];

const folder = mkdtempSync(join(tmpdir(), "ganglion-scale-"));
const placeholder = createServer().listen(0, "127.0.0.1");
await once(placeholder, "listening");
const { port } = placeholder.address();
placeholder.close();
await once(placeholder, "close");
const append = ["--appendonly", "yes", "--save", "", "--dir", folder];
const redis = spawn("redis-server", ["--port", `${port}`, "--bind", "127.0.0.1", ...append], { stdio: "ignore" });
await new Promise((resolve) => setTimeout(resolve, 500));
const address = `redis://127.0.0.1:${port}`;

/** Seconds that one study takes, and the hash of its report. */
async function runOnce({ processes, workers }, round, place) {
  const out = join(folder, `${round}-${place}`);
  const store = join(out, "store");
  const words = [main, "study", config, "--out", out, "--store", store, "--quiet"];
  const queue = workers > 0 ? ["--queue", address] : ["--workers", String(processes)];
  const begun = performance.now();
  const study = spawn(process.execPath, [...words, ...queue], { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(study, "exit");
  const taken = [];
  if (workers > 0) {
    // Workers refuse a store that is not there yet.
    while (!existsSync(join(store, "store.json")) && study.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    for (let i = 0; i < workers; i++) {
      const more = ["worker", "--queue", address, "--store", store, "--concurrency", "1", "--quiet"];
      taken.push(spawn(process.execPath, [main, ...more], { stdio: ["ignore", "ignore", "inherit"] }));
    }
  }
  const [code] = await ended;
  const seconds = (performance.now() - begun) / 1000;
  for (const worker of taken) worker.kill("SIGKILL");
  if (code !== 0) throw new Error(`the study ended with ${code}`);
  const report = createHash("sha256")
    .update(readFileSync(join(out, "report.html")))
    .digest("hex")
    .slice(0, 12);
  rmSync(out, { recursive: true, force: true });
  return { seconds, report };
}

const median = (sorted) => sorted[Math.floor(sorted.length / 2)];
const times = WAYS.map(() => []);
const reports = new Set();
try {
  for (let round = 0; round < rounds; round++) {
    for (const [place, way] of WAYS.entries()) {
      const { seconds, report } = await runOnce(way, round, place);
      times[place].push(seconds);
      reports.add(report);
      console.log(JSON.stringify({ round, way: way.name, seconds: Number(seconds.toFixed(1)), report }));
    }
  }
} finally {
  redis.kill();
  rmSync(folder, { recursive: true, force: true });
}
const [one, queued, two, both] = times.map((own) => median(own.sort((a, b) => a - b)));
console.log(`\n${cpus().length} cores (${cpus()[0].model}), load ${loadavg()[0].toFixed(1)}, median of ${rounds}`);
console.log(
  `speed-up of 2 workers over 1: ${(queued / both).toFixed(2)}; of 2 processes over 1: ${(one / two).toFixed(2)}`,
);
console.log(`Redis against processes: ${(queued / one).toFixed(2)} with 1, ${(both / two).toFixed(2)} with 2`);
console.log(`reports ${reports.size === 1 ? "equal" : "DIFFER"}: ${[...reports].join(", ")}`);
if (reports.size !== 1) process.exitCode = 1;
