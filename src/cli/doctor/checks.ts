import { fork } from "node:child_process";
import { constants, existsSync } from "node:fs";
import { access, statfs } from "node:fs/promises";
import { freemem, tmpdir, totalmem } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { processor } from "../../core/processor.ts";
import { redactAddresses } from "../../core/redact.ts";
import { userCacheFolder } from "../../core/user-cache.ts";
import { type DeviceAbility, runtimeVersion } from "../../graph/index.ts";

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** What was found. */
  readonly found: string;
  /** `missing` keeps commands from working; `absent` is something that only some of them use. */
  readonly state: "good" | "missing" | "absent";
  /** What to do; null where nothing needs to be done. */
  readonly remedy: string | null;
}

const good = (name: string, found: string): Check => ({ name, found, state: "good", remedy: null });
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** Least free memory and disk with which the smallest training ends. */
const LEAST_MEMORY = 0.8e9;
const LEAST_DISK = 1e9;
const LEAST_NODE = 20;

/** What Ganglion needs of a machine, and whether it is there. @param queue Address of a Redis to ask; none without one */
export async function checkMachine(version: string, queue?: string): Promise<Check[]> {
  return [
    good("Ganglion", version),
    checkNode(process.versions.node),
    await checkRuntime(),
    ...checkProcessor(),
    await checkGpu(),
    checkMemory(),
    await checkDisk(),
    ...(await checkFolders()),
    checkProgram("Chromium", ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"], CHROMIUM),
    await checkQueue(queue),
  ];
}

const CHROMIUM =
  "not needed to use Ganglion, the studio opens in any browser; tests of the studio use it: apt-get install chromium";

export function checkNode(version: string): Check {
  if (Number.parseInt(version, 10) >= LEAST_NODE) return good("Node", version);
  return {
    name: "Node",
    found: version,
    state: "missing",
    remedy: `install Node ${LEAST_NODE} or newer from nodejs.org`,
  };
}

async function checkRuntime(): Promise<Check> {
  try {
    return good("ONNX Runtime", await runtimeVersion());
  } catch (cause) {
    const remedy =
      "install Ganglion again on this machine: the runtime's libraries are of one system; on Linux they need glibc 2.28 or newer";
    return { name: "ONNX Runtime", found: (cause as Error).message.split("\n")[0]!, state: "missing", remedy };
  }
}

function checkProcessor(): Check[] {
  const { model, logical, cores, vectors } = processor();
  const found = `${model}: ${cores} physical cores to use, ${logical} logical`;
  const fast = vectors === null || vectors.includes("avx2") || vectors.includes("asimd");
  return [
    good("processor", found),
    {
      name: "instruction sets",
      found: vectors === null ? "the system does not say" : vectors.join(" ") || "none of those that matter",
      state: fast ? "good" : "absent",
      remedy: fast ? null : "training works without AVX2, several times slower; a newer processor, or --device webgpu",
    },
  ];
}

/** A driver that answers is tried with a small convolution; what it answers must be right. */
async function checkGpu(): Promise<Check> {
  const ability = await gpuAbility();
  if (ability.usable) {
    const half = ability.halfConvolutions ? ", also in float16 (--precision half)" : "";
    return good("GPU through WebGPU", `answers and computes rightly${half}; train with --device webgpu to use it`);
  }
  // The runtime begins with the place in its source.
  const failure = ability.failure.split("\n")[0]!.replace(/^.*was false\. /, "");
  const remedy =
    "not needed; where the machine has a GPU, install its driver with Vulkan (on Linux: libvulkan1 and the driver's ICD)";
  return { name: "GPU through WebGPU", found: `none answers: ${failure}`, state: "absent", remedy };
}

const GPU_PROCESS = new URL("./gpu-process.js", import.meta.url);
const GPU_MILLISECONDS = 30_000;

function gpuAbility(): Promise<DeviceAbility> {
  const child = fork(GPU_PROCESS, { stdio: ["ignore", "ignore", "ignore", "ipc"], timeout: GPU_MILLISECONDS });
  return new Promise((resolve) => {
    child.once("message", (ability: DeviceAbility) => {
      resolve(ability);
      child.kill("SIGKILL");
    });
    child.once("exit", (code, signal) =>
      resolve({
        usable: false,
        failure: `its driver ended the process that tried it (${signal ?? `exit code ${code}`})`,
      }),
    );
  });
}

function checkMemory(): Check {
  // A container's limit, 0 or enormous where there is none.
  const limit = process.constrainedMemory();
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  const free = Math.min(total, freemem());
  const found = `${gigabytes(free)} free of ${gigabytes(total)}`;
  if (free >= LEAST_MEMORY) return good("memory", found);
  return {
    name: "memory",
    found,
    state: "missing",
    remedy: "close other programs, or train with --preset tiny --batch 8",
  };
}

async function checkDisk(): Promise<Check> {
  const { bavail, bsize } = await statfs(process.cwd());
  const free = bavail * bsize;
  const found = `${gigabytes(free)} free here`;
  if (free >= LEAST_DISK) return good("disk", found);
  return { name: "disk", found, state: "missing", remedy: "free some space, or give --out a folder on another disk" };
}

/** Folders that commands write to, or the nearest one above that exists. */
async function checkFolders(): Promise<Check[]> {
  const cache = userCacheFolder();
  const folders = [
    { name: "this folder", path: process.cwd(), remedy: "change to a folder of your own, or give --out a path there" },
    { name: "temporary folder", path: tmpdir(), remedy: "set TMPDIR to a folder that you may write to" },
    ...(cache === null
      ? []
      : [{ name: "cache", path: cache, remedy: "set GANGLION_CACHE to a folder that you may write to" }]),
  ];
  return Promise.all(
    folders.map(async ({ name, path, remedy }) => {
      const writable = await access(nearest(path), constants.W_OK).then(
        () => true,
        () => false,
      );
      if (writable) return good(name, `${path} can be written to`);
      return { name, found: `${path} cannot be written to`, state: "missing" as const, remedy };
    }),
  );
}

const nearest = (path: string): string => (existsSync(path) || path === dirname(path) ? path : nearest(dirname(path)));

/** A program on the PATH that nothing needs to run. */
function checkProgram(name: string, commands: readonly string[], remedy: string): Check {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const path = folders.flatMap((folder) => commands.map((command) => join(folder, command))).find(existsSync);
  return path === undefined ? { name, found: "not on the PATH", state: "absent", remedy } : good(name, path);
}

async function checkQueue(queue: string | undefined): Promise<Check> {
  if (queue === undefined) {
    const remedy =
      "only studies on several machines need it: apt-get install redis-server, then ganglion doctor --queue redis://HOST:6379";
    return checkProgram("Redis", ["redis-server"], remedy);
  }
  const { checkRedis } = await import("../../study/queue/connection.ts");
  const shown = redactAddresses(queue);
  try {
    const warnings = await checkRedis(queue);
    if (warnings.length === 0) return good("Redis", `${shown} answers`);
    return { name: "Redis", found: `${shown} answers`, state: "absent", remedy: warnings.join("; ") };
  } catch (cause) {
    const remedy = "start it (redis-server), and check the address and --queue-password-file";
    return { name: "Redis", found: redactAddresses((cause as Error).message), state: "missing", remedy };
  }
}
