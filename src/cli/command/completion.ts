import type { Command } from "commander";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import type { CommandResult, ProgramContext } from "../command.ts";
import { completionScript, SHELLS } from "../completion.ts";

const EXAMPLES = `
Examples:
  source <(ganglion completion bash)                              in this shell; in ~/.bashrc for every one
  ganglion completion zsh > "\${fpath[1]}/_ganglion"
  ganglion completion fish > ~/.config/fish/completions/ganglion.fish`;

export function configure(command: Command): void {
  command.argument("<SHELL>", `one of ${SHELLS.join(", ")}`).addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({});

/** Prints a script for a shell. @throws GanglionError `usage` for a shell that there is none for */
export async function run(
  [name]: readonly string[],
  _options: object,
  context: ProgramContext,
): Promise<CommandResult> {
  const shell = SHELLS.find((known) => known === name);
  if (shell === undefined) throw new GanglionError("usage", `${name}: use one of ${SHELLS.join(", ")}`);
  const script = completionScript(shell, await context.describeCommands());
  return { json: { shell, script }, text: script };
}
