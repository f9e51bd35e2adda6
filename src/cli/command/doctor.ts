import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext, CommandResult } from "../command.ts";
import { type Check, checkMachine } from "../doctor/checks.ts";

const EXAMPLES = `
Examples:
  ganglion doctor
  ganglion doctor --queue redis://queue:6379      also asks the Redis of a study
  ganglion doctor --json                          for a report of a problem

Looks at versions, processor, GPU, memory, disk, folders and programs, and says what to do about what is missing.
Nothing is written and nothing is sent.`;

export function configure(command: Command): void {
  command
    .option("--queue <URL>", "address of a Redis to ask (default: only looks for the program)")
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({ queue: z.string().optional() });
type Options = z.infer<typeof options>;

const MARKS: Readonly<Record<Check["state"], string>> = { good: "ok", missing: "MISSING", absent: "-" };

/** Looks at the machine. */
export async function run(
  _args: readonly string[],
  { queue }: Options,
  { version }: CommandContext,
): Promise<CommandResult> {
  const checks = await checkMachine(version, queue);
  const missing = checks.filter(({ state }) => state === "missing");
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, found, state, remedy }) => [
    `${MARKS[state].padEnd(8)}${name.padEnd(width + 2)}${found}`,
    ...(remedy === null ? [] : [`${" ".repeat(width + 10)}${remedy}`]),
  ]);
  const end =
    missing.length === 0
      ? "Nothing that Ganglion needs is missing.\nNext:     ganglion demo"
      : `Missing: ${missing.map(({ name }) => name).join(", ")}; what to do is said beside each.`;
  return { json: { ok: missing.length === 0, checks }, text: [...lines, "", end].join("\n") };
}
