import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Whether a test is skipped, with a line that says so, because the Python readers are not installed. */
export function missingPython(what: string): boolean {
  const missing = (process.env.GANGLION_PYTHON_READERS ?? "") === "" && process.env.CI !== "true";
  if (missing) console.warn(`skipped: no Python readers (node scripts/python-readers.mjs makes them), so ${what}`);
  return missing;
}

/** What a program in Python says, and its exit code. */
export interface PythonRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs Python in one of the environments of `scripts/python-readers.mjs`, without a network as far as libraries can be told.
 * @param versions Which environment.
 * @param words A program, its path or `-c` and its text, and its arguments; `bin/NAME` is a command of the environment.
 * @param folder Working folder, in which caches are put too.
 */
export async function python(
  versions: "current" | "old",
  words: readonly string[],
  folder: string,
): Promise<PythonRun> {
  const environment = join(process.env.GANGLION_PYTHON_READERS ?? "", versions);
  const [program = "", ...rest] = words;
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    HF_HOME: join(folder, `hf-${versions}`),
    HF_HUB_OFFLINE: "1",
    HF_DATASETS_OFFLINE: "1",
    HF_DATASETS_DISABLE_PROGRESS_BARS: "1",
  };
  const options = { cwd: folder, env, maxBuffer: 256 * 2 ** 20 };
  const path = program.startsWith("bin/") ? join(environment, program) : program;
  try {
    const { stdout, stderr } = await promisify(execFile)(join(environment, "bin", "python"), [path, ...rest], options);
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    if (typeof code !== "number") throw error;
    return { code, out: stdout, err: stderr };
  }
}

/**
 * What `test/python/NAME.py` prints, which is JSON.
 * @throws Error with all that it said, where it ends with another code than 0
 */
export async function readByPython<T>(
  versions: "current" | "old",
  name: string,
  words: readonly string[],
  folder: string,
): Promise<T> {
  const script = fileURLToPath(new URL(`../python/${name}.py`, import.meta.url));
  const { code, out, err } = await python(versions, [script, ...words], folder);
  if (code !== 0) throw new Error(`${name}.py ended with ${code}:\n${out}\n${err}`);
  return JSON.parse(out) as T;
}
