// Child processes that answer one JSON line with one JSON line.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

export const THREADS = 2;
/** Debian's interpreter and its packages, whatever else is first on the path. */
const DEBIAN = "/usr/bin/python3";

/**
 * Interpreters of the peers: the one with current PyTorch that `GANGLION_BENCH_PYTHON` names, and Debian's where it has PyTorch.
 */
export const PYTHONS = [process.env.GANGLION_BENCH_PYTHON, DEBIAN].filter(
  (python) => python && spawnSync(python, ["-s", "-c", "import torch, scipy.linalg"], { stdio: "ignore" }).status === 0,
);

/** Settings of the caller that would slow the peer's libraries or bring in others. */
const LEFT_OUT = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONPATH", "PYTHONHOME"];

/** Settings of the C library's allocator that the command line starts with: both sides get them. */
export const ALLOCATOR = Object.fromEntries(
  [
    ...readFileSync(path("../dist/cli/main.js"), "utf8")
      .split("\n", 1)[0]
      .matchAll(/(MALLOC_\w+)=(\S+)/g),
  ].map(([, name, value]) => [name, value]),
);

/** What `torch.compile` wrote for one processor corrupts memory on another, where /tmp has moved with its machine: one folder each. */
function compiledKernels() {
  const processor = /^(model name|flags)\s*:.*$/gm;
  const said = readFileSync("/proc/cpuinfo", "utf8").match(processor)?.slice(0, 2).join("\n") ?? "";
  return join(tmpdir(), `torch-compiled-${createHash("sha256").update(said).digest("hex").slice(0, 16)}`);
}

function peerEnvironment() {
  const env = {
    TORCHINDUCTOR_CACHE_DIR: compiledKernels(),
    ...process.env,
    ...ALLOCATOR,
    PYTHONDONTWRITEBYTECODE: "1",
  };
  for (const name of LEFT_OUT) delete env[name];
  return { ...env, OMP_NUM_THREADS: `${THREADS}`, OPENBLAS_NUM_THREADS: `${THREADS}` };
}

/** A worker of one side, idle between requests. */
export class Child {
  #process;
  #lines;
  #side;

  /** @param side A script of ours, `ours` or `ours-family`, or `peer` on the first of {@link PYTHONS}, or an interpreter of them */
  constructor(side) {
    this.#side = side;
    const python = side === "peer" ? PYTHONS[0] : side;
    const [command, args, env] =
      side === "ours" || side === "ours-family"
        ? [process.execPath, [path(`${side}.mjs`)], { ...process.env, ...ALLOCATOR }]
        : [python, ["-s", path("peer/main.py")], peerEnvironment()];
    this.#process = spawn(command, args, { env, stdio: ["pipe", "pipe", "inherit"] });
    // A child that has died makes the pipe fail; the missing reply says so.
    this.#process.stdin.on("error", () => undefined);
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Sends one request and waits for its reply. */
  async ask(request) {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#side}: the process ended at request ${JSON.stringify(request)}`);
    return JSON.parse(value);
  }

  /** Most memory that the process has held, in bytes. */
  peakMemory() {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)[1]) * 1024;
  }

  async close() {
    const ended = new Promise((resolve) => this.#process.once("close", resolve));
    this.#process.stdin.end();
    if (this.#process.exitCode === null && this.#process.signalCode === null) await ended;
  }
}

/** Runs with children of both sides, which are closed at the end. */
export async function withChildren(sides, use) {
  const children = sides.map((side) => new Child(side));
  try {
    return await use(...children);
  } finally {
    for (const child of children) await child.close();
  }
}
