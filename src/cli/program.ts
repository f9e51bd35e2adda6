import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { silent } from "../core/progress.ts";
import { redactAddresses } from "../core/redact.ts";
import { removeLeftScratch } from "../core/scratch/remove-left-scratch.ts";
import type { CommandResult, DescribedCommand, ProgramContext } from "./command.ts";
import type { CommandEntry } from "./commands.ts";
import { withConfigWords } from "./config-words.ts";
import { eventLine, nextCommand, ProgressEvents, writtenPaths } from "./progress-events.ts";
import { printable, TerminalProgress, type TerminalProgressOptions } from "./terminal-progress.ts";

/** What the program needs from its process; tests give their own. */
export interface ProgramIo {
  /** Writes to standard output. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
  /** Version shown by `--version`. */
  version: string;
  /** Shows stacks of errors. Defaults to false. */
  debug?: boolean;
  /** Columns of help texts. Defaults to the width of the terminal. */
  helpWidth?: number;
  /** How progress is drawn. Defaults to `process.stderr` and its terminal. */
  progress?: TerminalProgressOptions;
  /** Signal of the first Ctrl-C, handed to the command when it asks for it. Defaults to one that never fires. */
  signal?(): AbortSignal;
}

/** A whole number from 0 to 2^53 - 1. */
function parseSeed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError("Give a whole number, 0 or more.");
  return value;
}

/** Who is told where a command stands. */
type Reporter = Pick<TerminalProgress, "report" | "note">;

const sharedOptions = z.object({
  seed: z.number(),
  quiet: z.boolean().optional(),
  progress: z.enum(["text", "json"]),
});

/** Whether a command line asks for events, before it is parsed: errors of parsing are events too. */
export function asksForEvents(argv: readonly string[]): boolean {
  const words = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined);
  return words.includes("--progress=json") || words[words.indexOf("--progress") + 1] === "json";
}

function addSharedOptions(command: Command): void {
  command
    .option("--json", "print one JSON object on stdout; progress and notes stay on stderr")
    .option("--seed <N>", "random seed, a whole number", parseSeed, 0)
    .option("--quiet", "no progress and no notes")
    .addOption(
      new Option("--progress <FORM>", "how progress is said on stderr: text, or json for one object a line")
        .choices(["text", "json"])
        .default("text"),
    );
}

/** Every command of a table with its options, as {@link ProgramContext} gives them. */
async function describeCommands(table: readonly CommandEntry[]): Promise<DescribedCommand[]> {
  return Promise.all(
    table.map(async ({ name, summary, load }) => {
      const command = new Command(name);
      (await load()).configure(command);
      addSharedOptions(command);
      const options = command.options.filter(({ long }) => long !== undefined);
      return {
        name,
        summary,
        options: options.map(({ long, description }) => ({ flag: long!, summary: description })),
      };
    }),
  );
}

/** The text of a commander error without its `error: ` and on one line, followed by where to read on. */
function usageError(error: CommanderError, command: string | undefined): GanglionError {
  const said = error.message
    .replace(/^error: /, "")
    .replace(/\s*\n\s*/g, " ")
    .trim();
  const help = `ganglion ${command === undefined ? "" : `${command} `}--help`;
  return new GanglionError("usage", `${said.replace(/\.$/, "")}; \`${help}\` shows the usage`);
}

function internalError(error: unknown): GanglionError {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new GanglionError(
    "internal",
    `internal: ${said}\nThis is an error in Ganglion, not in your data. Please report it with the command you ran and \`ganglion --version\`; GANGLION_DEBUG=1 shows where it happened.`,
    { cause: error },
  );
}

/** How an error is said: `json` on stdout as one object, `events` on stderr as one. */
export interface ErrorForm {
  readonly json: boolean;
  readonly events: boolean;
}

/** Says an error: on stdout as JSON with `--json`, on stderr as text or event; the stack only when debugging. Returns the exit code. */
export function sayError(
  error: unknown,
  { json, events }: ErrorForm,
  io: Pick<ProgramIo, "out" | "err" | "debug">,
): number {
  const known = error instanceof GanglionError ? error : internalError(error);
  const { code, message, problems } = known;
  const shown = problems.map((problem) => ({
    code: problem.code,
    path: redactAddresses(problem.path),
    message: redactAddresses(problem.message),
  }));
  const said = { code, message: redactAddresses(message), problems: shown };
  if (json) io.out(`${JSON.stringify({ error: said })}\n`);
  if (events) io.err(eventLine({ event: "error", ...said }));
  else if (!json) io.err(printable(`ganglion: ${redactAddresses(message)}\n`));
  if (io.debug && !events && error instanceof Error) {
    io.err(redactAddresses(`${error.stack}\n`));
    if (error.cause instanceof Error) io.err(redactAddresses(`caused by ${error.cause.stack}\n`));
  }
  return known.exitCode;
}

/** The object of `--json`, which names the command that comes next. */
const jsonOf = ({ json, next }: CommandResult) => (next === undefined || "next" in json ? json : { ...json, next });

/** What a person reads; its last line is the command that comes next. */
const textOf = ({ text, next }: CommandResult): string =>
  next === undefined ? text : `${text.trimEnd()}\nNext:     ${next}`;

/**
 * Runs one command line and returns its exit code: 0 done, 1 failed, 2 wrong usage, 3 refused by the release gate.
 * @param argv The words after `ganglion`.
 */
export async function runProgram(
  argv: readonly string[],
  table: readonly CommandEntry[],
  io: ProgramIo,
): Promise<number> {
  const { helpWidth } = io;
  const json = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined).includes("--json");
  const form = { json, events: asksForEvents(argv) };
  const words = argv[0] === "help" ? [...argv.slice(1, 2), "--help"] : [...argv];
  const wanted = words[0];
  const known = table.some((entry) => entry.name === wanted);
  const program = new Command("ganglion")
    .description(
      "Turns a labelled collection of medical images into synthetic images: trains a GAN, draws, evaluates, audits, releases.",
    )
    .version(io.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .addHelpText("after", "\n`ganglion COMMAND --help` shows the options and examples of a command.")
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: () => undefined,
      ...(helpWidth === undefined ? {} : { getOutHelpWidth: () => helpWidth }),
    })
    .exitOverride();
  let live: TerminalProgress | undefined;
  try {
    for (const entry of table) {
      const command = program.command(entry.name).description(entry.summary);
      if (entry.name !== wanted) continue;
      const module = await entry.load();
      module.configure(command);
      addSharedOptions(command);
      command.action(async () => {
        const options = command.opts();
        const { seed, quiet, progress } = sharedOptions.parse(options);
        const events = progress === "json" ? new ProgressEvents(io.err) : undefined;
        if (!quiet && events === undefined) live = new TerminalProgress(io.progress);
        const shown: Reporter | undefined = quiet ? undefined : (events ?? live);
        const context: ProgramContext = {
          seed,
          words: argv,
          version: io.version,
          progress: shown === undefined ? silent : (progress) => shown.report(progress),
          note: (message) => shown?.note(redactAddresses(message)),
          warn(message) {
            const line = redactAddresses(message);
            if (events !== undefined) events.warn(line);
            else if (shown === undefined) io.err(`ganglion: ${line}\n`);
            else shown.note(line);
          },
          get signal() {
            return io.signal?.() ?? new AbortController().signal;
          },
          describeCommands: () => describeCommands(table),
        };
        for (const line of removeLeftScratch()) context.warn(line);
        const args = (command.processedArgs.flat() as (string | undefined)[]).filter((arg) => arg !== undefined);
        const result = await module.run(args, options, context);
        live?.end();
        events?.done(writtenPaths(command), nextCommand(textOf(result)));
        io.out(json ? `${JSON.stringify(jsonOf(result))}\n` : `${printable(textOf(result)).trimEnd()}\n`);
      });
    }
    if (argv.length === 0) {
      io.err(program.helpInformation());
      return 2;
    }
    const wantedCommand = program.commands.find((command) => command.name() === wanted);
    const given = wantedCommand === undefined ? words : [words[0]!, ...withConfigWords(wantedCommand, words.slice(1))];
    // An unknown command must be said even when help is asked for, so nothing after it is parsed.
    const unknown = wanted !== undefined && !known && !wanted.startsWith("-");
    await program.parseAsync(unknown ? [wanted] : given, { from: "user" });
    return 0;
  } catch (error) {
    live?.end();
    if (!(error instanceof CommanderError)) return sayError(error, form, io);
    if (error.exitCode === 0) return 0;
    return sayError(usageError(error, known ? wanted : undefined), form, io);
  }
}
