// What the engine of studies costs: many small jobs in processes of this machine and through Redis, and the order of a large
// graph alone. Usage: node bench/queue.mjs [--jobs 10000] [--only processes|queue|order]   (after `npm run build`)
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const dist = (path) => import(new URL(`../dist/study/${path}`, import.meta.url).href);
const { openArtefactStore } = await dist("jobs/artefact-store.js");
const { defineJob } = await dist("jobs/job.js");
const { openJobProcesses } = await dist("jobs/job-processes.js");
const { runJobs } = await dist("jobs/run-jobs.js");
const { openQueueKey } = await dist("queue/queue-key.js");
const { openQueueRunner } = await dist("queue/queue-runner.js");
const { openQueueWorker } = await dist("queue/queue-worker.js");

const HANDLERS = `import { writeFile } from "node:fs/promises";
export const handlers = { write: (job, { out }) => writeFile(out + "/value.json", JSON.stringify(job.parameters)) };`;

const megabytes = (pid) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024);
/** Milliseconds of CPU that a process has had; the kernel counts in hundredths of a second. */
const cpuOf = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
};
const childrenOf = (pid) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);

/** A process that takes jobs; begins with this role and ends with its parent. */
if (process.argv[2] === "worker") {
  const [address, store, handlers] = process.argv.slice(3);
  const opened = await openArtefactStore(store);
  const check = () => null;
  openQueueWorker({ address, store: opened, key: await openQueueKey(opened), check, handlers, concurrency: 1 });
  process.on("disconnect", () => process.exit());
  process.send("ready");
} else await main();

async function startRedis(folder) {
  const placeholder = createServer().listen(0, "127.0.0.1");
  await once(placeholder, "listening");
  const { port } = placeholder.address();
  placeholder.close();
  const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--appendonly", "yes", "--save", "", "--dir", folder];
  const server = spawn("redis-server", settings, { stdio: "ignore" });
  await new Promise((resolve) => setTimeout(resolve, 500));
  return { server, address: `redis://127.0.0.1:${port}` };
}

/** Small jobs in a chain of three layers, as a study has them. */
function smallJobs(count) {
  const half = Math.floor(count / 2);
  const first = Array.from({ length: half }, (_, i) => defineJob("write", `first ${i}`, { i }));
  const second = Array.from({ length: count - half }, (_, i) =>
    defineJob("write", `second ${i}`, { i }, { one: first[i % half], other: first[(i * 7) % half] }),
  );
  return [...first, ...second];
}

/** Does the jobs and says how long it took, and what processes weigh after a tenth of them and at the end. */
async function measure(name, count, store, runner, pids) {
  const jobs = smallJobs(count);
  const weigh = () => [process.pid, ...pids()].map((pid) => megabytes(pid));
  let made = 0;
  let early = [];
  const begun = performance.now();
  const before = cpuOf(process.pid);
  const result = await runJobs(jobs, {
    store,
    runner,
    onEvent({ state }) {
      if (state === "made" && ++made === Math.floor(count / 10)) early = weigh();
    },
  });
  const seconds = (performance.now() - begun) / 1000;
  const late = weigh();
  const own = (cpuOf(process.pid) - before) / count;
  const others = pids().reduce((sum, pid) => sum + cpuOf(pid), 0) / count;
  const memory = early.map((weight, i) => `${weight} -> ${late[i]}`).join(", ");
  const each = (1000 * seconds) / count;
  console.log(
    `| ${name} | ${result.made} | ${seconds.toFixed(1)} | ${(count / seconds).toFixed(0)} | ${each.toFixed(2)} | ` +
      `${own.toFixed(2)} + ${others.toFixed(2)} | ${memory} |`,
  );
}

async function main() {
  const { values } = parseArgs({ options: { jobs: { type: "string", default: "10000" }, only: { type: "string" } } });
  const count = Number(values.jobs);
  const wanted = (part) => values.only === undefined || values.only === part;
  const folder = mkdtempSync(join(tmpdir(), "ganglion-bench-"));
  const handlers = pathToFileURL(join(folder, "handlers.mjs")).href;
  writeFileSync(join(folder, "handlers.mjs"), HANDLERS);
  console.log(`${cpus()[0].model}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}, Node ${process.version}\n`);
  const what = "ms of CPU each: coordinator + workers and their processes | MB after a tenth of the jobs -> at the end";
  console.log(`| how | jobs | s | jobs/s | ms each | ${what} |`);
  console.log("|---|---|---|---|---|---|---|");
  const newStore = (name) => openArtefactStore(join(folder, name));

  for (const processes of wanted("processes") ? [1, 2] : []) {
    const store = await newStore(`processes-${processes}`);
    const runner = openJobProcesses({ store: store.root, handlers, count: processes });
    await measure(`${processes} in process`, count, store, runner, () => childrenOf(process.pid));
    await runner.close();
  }
  for (const workers of wanted("queue") ? [2, 1] : []) {
    const redis = await startRedis(mkdtempSync(join(folder, "redis-")));
    const store = await newStore(`workers-${workers}`);
    const started = Array.from({ length: workers }, () =>
      fork(fileURLToPath(import.meta.url), ["worker", redis.address, store.root, handlers]),
    );
    await Promise.all(started.map((child) => once(child, "message")));
    const runner = openQueueRunner({ address: redis.address, store, key: await openQueueKey(store) });
    const pids = () => [...started.map(({ pid }) => pid), ...started.flatMap(({ pid }) => childrenOf(pid))];
    await measure(`${workers} through Redis`, count, store, runner, pids);
    for (const child of started) child.kill();
    await runner.close();
    redis.server.kill();
  }
  if (wanted("order")) {
    for (const size of [count, 10 * count]) {
      const none = { has: async () => false };
      const runner = { concurrency: 1_000, run: async () => undefined };
      await measure("order alone", size, none, runner, () => []);
    }
  }
  rmSync(folder, { recursive: true, force: true });
}
