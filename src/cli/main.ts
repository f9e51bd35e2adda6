#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=4294967296 node
// What glibc's allocator hands back to the system between two steps it would have to be given anew, page by page
// (docs/optimisations.md); other systems ignore these settings.
import { VERSION } from "../core/version.ts";
import { commands } from "./commands.ts";
import { asksForEvents, runProgram, sayError } from "./program.ts";
import { eventLine } from "./progress-events.ts";

/** Exit code of a process that Ctrl-C or SIGTERM ended (128 + signal number), the shell's own convention. */
const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const;

const form = { json: process.argv.includes("--json"), events: asksForEvents(process.argv) };
/** Says one line on stderr, as an event where those are asked for. */
const say = (event: "note" | "warning", message: string) =>
  io.err(form.events ? eventLine({ event, message }) : `${message}\n`);
const io = {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
  version: VERSION,
  debug: process.env.GANGLION_DEBUG === "1",
  signal: () => {
    stopsGracefully = true;
    return stop.signal;
  },
};

// A reader that has seen enough (`ganglion ... | head`) closes the pipe; that is no failure of ours, and the work goes on.
let outputFailed = false;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE" || outputFailed) return;
  outputFailed = true;
  say("warning", `ganglion: cannot write to standard output: ${error.message}`);
});
process.stderr.on("error", () => undefined);

const stop = new AbortController();
let stopsGracefully = false;
let stoppedBy: keyof typeof SIGNAL_EXIT | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (!stopsGracefully || stoppedBy !== undefined) process.exit(SIGNAL_EXIT[signal]);
    stoppedBy = signal;
    if (!form.events) io.err("\n");
    say("note", "stopping at the next safe point; press Ctrl-C again to exit at once");
    stop.abort();
  });
}
process.on("uncaughtException", (error) => {
  process.exit(sayError(error, form, io));
});

const code = await runProgram(process.argv.slice(2), commands, io);
// A command that was stopped may have nothing to leave, and says so as an error.
const exitCode = code <= 1 && stoppedBy !== undefined ? SIGNAL_EXIT[stoppedBy] : code;
// The last write of a pipe may still be on its way; an empty write is called back after it, its error a moment later.
process.stdout.write("", () => {
  setImmediate(() => process.exit(exitCode === 0 && outputFailed ? 1 : exitCode));
});
