// The Python programs that open what Ganglion writes, for tests alone: two environments, with current versions and with a
// `datasets` of 2023, in the user's cache. They are made once for each pair of lists (1 GB; 260 MB to load) and kept.
// Usage: node scripts/python-readers.mjs    makes them where they are missing; needs Python 3.11 or newer with venv
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { argv, env as processEnv } from "node:process";
import { fileURLToPath } from "node:url";

/** Environments, each with the list of its packages. */
const LISTS = ["current", "old"];
const listPath = (name) => fileURLToPath(new URL(`../test/python/${name}.txt`, import.meta.url));

/** Folder of the environments of these lists: `current` and `old`. */
function readersFolder(env) {
  const hash = createHash("sha256");
  for (const name of LISTS) hash.update(readFileSync(listPath(name)));
  const cache = env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "ganglion-python-readers", hash.digest("hex").slice(0, 16));
}

/** Folder with the environments `current` and `old`: `GANGLION_PYTHON_READERS`, else that of the cache; null where there is none. */
export function findPythonReaders(env = processEnv) {
  const folder = env.GANGLION_PYTHON_READERS || readersFolder(env);
  return existsSync(folder) ? folder : null;
}

/** Ends with an error where the program fails; its output goes to stderr. */
function run(program, ...words) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ["ignore", 2, 2] });
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ${words[0]} ended with ${code}`)),
    );
  });
}

async function install(folder) {
  const unfinished = `${folder}.${process.pid}`;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    await Promise.all(
      LISTS.map(async (name) => {
        const own = join(unfinished, name);
        await run("python3", "-m", "venv", own);
        const pip = ["-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"];
        // Lists name every package, so that nothing is resolved.
        await run(join(own, "bin", "python"), ...pip, "--no-deps", "--requirement", listPath(name));
      }),
    );
    // Another process may have been faster.
    if (existsSync(folder)) rmSync(unfinished, { recursive: true });
    else renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

if (argv[1] === fileURLToPath(import.meta.url) && findPythonReaders() === null) {
  const folder = readersFolder(processEnv);
  console.error(`python-readers: installing into ${folder}`);
  await install(folder);
}
