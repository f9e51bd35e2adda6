import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ArtefactStore } from "../jobs/artefact-store.ts";

const DIST = new URL("../../../dist/study/", import.meta.url).href;
const SCRIPT = `
import { openStore } from "${DIST}jobs/open-store.js";
import { openQueueKey } from "${DIST}queue/queue-key.js";
import { openQueueWorker } from "${DIST}queue/queue-worker.js";
const [address, store, handlers, rest, lock] = process.argv.slice(2);
const opened = await openStore(store);
const { check } = await import(handlers);
openQueueWorker({
  address, handlers, check, store: opened, key: await openQueueKey(opened), concurrency: 1, lockMilliseconds: Number(lock), restMilliseconds: Number(rest),
  onRefused: (line) => console.log(line),
  onEvent: ({ job, state, message }) => console.log([state, job.title, message ?? ""].join(" | ")),
});
process.on("disconnect", () => process.exit());
`;

export interface WorkerProcess {
  readonly pid: number;
  /** `STATE | TITLE | MESSAGE` of each event so far. */
  readonly said: readonly string[];
  /** Waits for a line that begins so. */
  says(begin: string): Promise<void>;
  /** Whether the process runs. */
  alive(): boolean;
  /** Lets it and its processes write files of any size from now on. */
  makeRoom(): void;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

export interface WorkerProcessOptions {
  readonly address: string;
  readonly store: ArtefactStore;
  readonly handlers: string;
  /** Bytes that a file may have: the system refuses to write more, as on a full disk. Defaults to no limit. */
  readonly mostBytes?: number;
  /** Milliseconds for which it takes no job when its disk is full. Defaults to 600,000. */
  readonly restMilliseconds?: number;
  /** Its sign of life in milliseconds. Defaults to 30,000. */
  readonly lockMilliseconds?: number;
  /** Environment variables beside those of the test. Defaults to none. */
  readonly env?: Readonly<Record<string, string>>;
}

/** True where a worker cannot be given a full disk; said aloud. */
export function missingLimits(): boolean {
  const missing = spawnSync("prlimit", ["--version"], { stdio: "ignore" }).error !== undefined;
  if (missing) console.warn("skipped: no prlimit on this machine, so no worker runs out of room");
  return missing;
}

/** A worker in a process of its own, of the build. */
export function spawnWorker(options: WorkerProcessOptions): WorkerProcess {
  const { address, store, handlers, mostBytes, restMilliseconds = 600_000, lockMilliseconds = 30_000 } = options;
  const script = join(store.root, "..", "worker.mjs");
  writeFileSync(script, SCRIPT);
  const words = [
    process.execPath,
    script,
    address,
    store.address,
    handlers,
    `${restMilliseconds}`,
    `${lockMilliseconds}`,
  ];
  const [command, ...rest] = mostBytes === undefined ? words : ["prlimit", `--fsize=${mostBytes}:unlimited`, ...words];
  const child: ChildProcess = spawn(command!, rest, {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    env: { ...process.env, ...options.env },
  });
  const said: string[] = [];
  const listeners = new Set<() => void>();
  createInterface({ input: child.stdout! }).on("line", (line) => {
    said.push(line);
    for (const listener of listeners) listener();
  });
  return {
    pid: child.pid!,
    said,
    says: (begin) =>
      new Promise((resolve) => {
        const look = () => {
          if (!said.some((line) => line.startsWith(begin))) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
      }),
    alive: () => child.exitCode === null && child.signalCode === null,
    makeRoom() {
      const { pid } = child;
      const own = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
      for (const one of [`${pid}`, ...own]) spawnSync("prlimit", ["--pid", one, "--fsize=unlimited:unlimited"]);
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    },
  };
}
