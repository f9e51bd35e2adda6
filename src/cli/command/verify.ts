import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { commandLine, pathWord } from "../../core/command-line.ts";
import { verifyRelease } from "../../release/checksums.ts";
import type { CommandResult } from "../command.ts";

const EXAMPLES = `
Examples:
  ganglion verify shared
  ganglion verify shared --fingerprint 9f86d081884c7d65...

Names every file that was changed, is missing or was added, and added empty folders (exit code 1). The checksums travel with the files: a change to
both is detected only by the fingerprint, which \`ganglion release\` prints and the sender gives you by another channel.`;

export function configure(command: Command): void {
  command
    .argument("<RELEASE>", "folder that `ganglion release` wrote")
    .option("--fingerprint <SHA256>", "expected SHA-256 of SHA256SUMS")
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({ fingerprint: z.string().optional() });
type Options = z.infer<typeof options>;

/** Compares RELEASE with its sums. @throws GanglionError `files` that lists every file that differs */
export async function run(args: readonly string[], options: Options): Promise<CommandResult> {
  const [folder] = args;
  const found = await verifyRelease(folder!, options.fingerprint);
  const data = join(folder!, "data", "metadata.csv");
  return {
    json: { folder, ...found },
    // A package of images is a dataset again; one of DICOM goes to a PACS, whose address only a person knows.
    next: existsSync(data) ? commandLine("inspect", pathWord(dirname(data))) : undefined,
    text: `${folder}: ${found.files} files are unchanged\n  fingerprint ${found.fingerprint}`,
  };
}
