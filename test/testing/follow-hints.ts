import { execFile, spawn } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
/** Words that make a training short; a person in a hurry adds them too. */
const SHORT = "--images 64 --resolution 16 --preset tiny --threads 1";

/** One command that was pasted into a shell. */
export interface Pasted {
  readonly command: string;
  readonly code: number;
  readonly text: string;
}

/** The commands that a text ends with: the next one, and another way on. */
export function hintsOf(text: string): { next: string | undefined; other: string | undefined } {
  const found = (mark: string) => new RegExp(`^${mark}: +(ganglion .*\\S)$`, "m").exec(text)?.[1];
  return { next: found("Next"), other: found("Or") };
}

/** The environment in which `ganglion` is the build. */
async function withGanglion(folder: string): Promise<NodeJS.ProcessEnv> {
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, "ganglion"), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  await chmod(join(bin, "ganglion"), 0o755);
  return { ...process.env, PATH: `${bin}:${process.env.PATH}`, GANGLION_DEBUG: "" };
}

/** A shell in which `ganglion` is the build, with a folder to stand in. */
export async function shellWithGanglion(folder: string): Promise<(command: string, cwd?: string) => Promise<Pasted>> {
  const env = await withGanglion(folder);
  return (command, cwd = folder) =>
    new Promise((done) => {
      execFile("sh", ["-c", command], { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
        done({ command, code, text: `${stdout}\n${stderr}` });
      });
    });
}

/** Status of the page that a studio prints, opened as a browser does: with the cookie that the printed address gives. */
async function openPage(url: string): Promise<number> {
  const first = await fetch(url, { redirect: "manual" });
  const cookie = first.headers.get("set-cookie")?.split(";")[0];
  if (cookie === undefined) return first.status;
  return (await fetch(new URL(first.headers.get("location") ?? "/", url), { headers: { cookie } })).status;
}

/** Pastes `ganglion studio ...`, opens the page whose address it prints, and ends it as Ctrl-C does (exit code 130). */
export async function pasteStudio(folder: string, command: string): Promise<Pasted & { readonly page: number }> {
  const child = spawn("sh", ["-c", `exec ${command} --port 0`], { cwd: folder, env: await withGanglion(folder) });
  let text = "";
  let page: Promise<number> | null = null;
  const add = (piece: Buffer) => {
    text += piece.toString("utf8");
    const url = /studio: (http:\S+)/.exec(text)?.[1];
    if (url === undefined || page !== null) return;
    page = openPage(url).finally(() => child.kill("SIGINT"));
  };
  child.stdout.on("data", add);
  child.stderr.on("data", add);
  const code = await new Promise<number>((done) => child.on("close", (ended) => done(ended ?? 1)));
  return { command, code, text, page: await (page ?? 0) };
}

/**
 * Pastes a command and then every hint, word for word, until a release is verified. A training is made short, and is gone on
 * from where it ended instead of for longer.
 */
export async function followHints(
  paste: (command: string) => Promise<Pasted>,
  first: string,
  last = /^ganglion verify /,
): Promise<Pasted[]> {
  const steps: Pasted[] = [];
  for (let command = first; steps.length < 16; ) {
    const short = command.startsWith("ganglion train ") ? `${command} ${SHORT}` : command;
    const step = await paste(short);
    steps.push(step);
    const { next, other } = hintsOf(step.text);
    if (last.test(command) || next === undefined) break;
    command = other ?? next;
  }
  return steps;
}
