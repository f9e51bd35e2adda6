import type { Command } from "commander";
import type { z } from "zod";
import type { Listeners } from "../core/listeners.ts";
import type { ProgressListener } from "../core/progress.ts";

/** A command as its help lists it. */
export interface DescribedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly { readonly flag: string; readonly summary: string }[];
}

/** What a command gets from the command line besides its own arguments. */
export interface CommandContext {
  readonly seed: number;
  /** The words of the command line after `ganglion`. Defaults to unknown: the same command is not proposed again. */
  readonly words?: readonly string[];
  /** Of Ganglion. */
  readonly version: string;
  /** Live line on a terminal, plain lines otherwise, nothing with `--quiet`. */
  readonly progress: ProgressListener;
  /** Says one line on stderr (a guess, a warning); nothing with `--quiet`. */
  note(message: string): void;
  /** Says one line on stderr even with `--quiet`: something was not done as it was asked for. */
  warn(message: string): void;
  /**
   * Aborted by the first Ctrl-C or SIGTERM: save what is worth saving and return. Reading this property is the promise
   * to do so; a command that never reads it is ended by the first Ctrl-C. The second one always ends the process.
   */
  readonly signal: AbortSignal;
}

/** What the program gives to a command that is about the program itself. */
export interface ProgramContext extends CommandContext {
  /** Every command with its options, in the order of the help. */
  describeCommands(): Promise<readonly DescribedCommand[]>;
}

/**
 * Options of a function of the library, with the command line as who listens. The signal is asked for when the function reads
 * it, not before: do not spread the result.
 */
export function withListeners<Options extends object>(context: CommandContext, options: Options): Options & Listeners {
  const listeners: Listeners = {
    onProgress: context.progress,
    onNote: context.note,
    onWarning: context.warn,
    get signal() {
      return context.signal;
    },
  };
  return Object.assign(listeners, options);
}

/** What a command leaves: `json` is the one object of `--json`, `text` what a person reads otherwise. */
export interface CommandResult {
  readonly json: Record<string, unknown>;
  readonly text: string;
  /** The command that comes next, complete and quoted for a shell: the last line of the text, `next` of the JSON. */
  readonly next?: string | undefined;
}

/** A {@link TypedCommand} whose options `commands.ts` checks before it runs, as the program calls it. Only `main.ts` prints or exits. */
export interface CommandModule {
  /** Declares arguments, options and examples. */
  configure(command: Command): void;
  /** Does the work. @throws GanglionError, whose code gives the exit code */
  run(
    args: readonly string[],
    options: Readonly<Record<string, unknown>>,
    context: CommandContext,
  ): Promise<CommandResult>;
}

/** What one file in `command/` exports. */
export interface TypedCommand<Shape extends z.ZodRawShape> extends Pick<CommandModule, "configure"> {
  /** Every option that {@link configure} declares, by the name that commander gives it. */
  readonly options: z.ZodObject<Shape>;
  /** Does the work. @throws GanglionError, whose code gives the exit code */
  run(args: readonly string[], options: z.output<z.ZodObject<Shape>>, context: CommandContext): Promise<CommandResult>;
}
