/**
 * One error base for the whole product. A message says where, which rule, the value found and what to change.
 * Problems are data first ({@link Problem}); text is made last, by {@link formatProblems}.
 */

import { placed } from "./quoted.ts";

/** Machine-readable reason of a {@link GanglionError}. */
export type ErrorCode =
  | "usage"
  | "dataset"
  | "image"
  | "archive"
  | "run"
  | "checkpoint"
  | "graph"
  | "training"
  | "files"
  | "refused"
  | "internal";

/** One finding of a validator: where it is, which rule it breaks, the value found and the remedy. */
export interface Problem {
  /** Short kebab-case name of the broken rule, e.g. `missing-image`. */
  readonly code: string;
  /** File, row or option the finding is about, e.g. `metadata.csv:17`. */
  readonly path: string;
  /** What is wrong, with the value found, and what to change. */
  readonly message: string;
}

export class GanglionError extends Error {
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; problems?: readonly Problem[] } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "GanglionError";
    this.code = code;
    this.problems = options.problems ?? [];
  }

  /** Exit code of the command-line contract: 1 failed, 2 wrong usage, 3 refused by the release gate. */
  get exitCode(): 1 | 2 | 3 {
    if (this.code === "usage") return 2;
    return this.code === "refused" ? 3 : 1;
  }
}

/** How many problems are printed in full before the rest is only counted. */
const PROBLEMS_SHOWN = 20;

/** Text of a list of problems: the first {@link PROBLEMS_SHOWN} in full, then a count of the rest. */
export function formatProblems(headline: string, problems: readonly Problem[]): string {
  const shown = problems.slice(0, PROBLEMS_SHOWN).map((p) => `  ${placed(p.path)}: ${p.message} [${p.code}]`);
  const rest = problems.length - shown.length;
  if (rest > 0) shown.push(`  ... and ${rest} more`);
  return [`${headline} (${problems.length} ${problems.length === 1 ? "problem" : "problems"})`, ...shown].join("\n");
}

/** Throws one error that lists all problems, or returns when there are none. */
export function throwIfProblems(code: ErrorCode, headline: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new GanglionError(code, formatProblems(headline, problems), { problems });
}

/** Asserts an invariant of our own code; a failure is a bug of Ganglion, not of the input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new GanglionError("internal", `internal: ${message}`);
}
