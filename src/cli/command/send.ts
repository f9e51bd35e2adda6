import type { Command } from "commander";
import { z } from "zod";
import { commandLine, pathWord } from "../../core/command-line.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { addStowOptions, stowOptions, stowShape } from "../send-to-pacs.ts";

const EXAMPLES = `
Examples:
  ganglion send for-pacs --stow https://pacs.example/dicom-web
  GANGLION_STOW_AUTHORIZATION="Bearer TOKEN" ganglion send for-pacs --stow https://pacs.example/dicom-web
  ganglion send for-pacs --stow http://127.0.0.1:8042/dicom-web --stow-authorization token.txt

RELEASE is what \`ganglion release --format dicom\` wrote; its checksums are verified first, and a changed release is
not sent. Objects are sent by DICOMweb STOW-RS to URL/studies and nowhere else. Every object that is not stored is named
(exit code 1). Nothing is sent twice unless you run the command again, which is harmless: the UIDs are the same.`;

export function configure(command: Command): void {
  command
    .argument("<RELEASE>", "folder that `ganglion release --format dicom` wrote")
    .requiredOption("--stow <URL>", "root of the DICOMweb service of the PACS");
  addStowOptions(command).addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({ stow: z.string(), ...stowShape });
type Options = z.infer<typeof options>;

/** Sends RELEASE to a PACS. @throws GanglionError that names every object that was not stored */
export async function run(args: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  const [folder] = args;
  const stow = await stowOptions(options.stow, options, context);
  const { sendRelease } = await import("../../release/dicom/send-release.ts");
  const sent = await sendRelease(folder!, stow);
  const requests = sent.requests === 1 ? "one request" : `${sent.requests} requests`;
  const next = commandLine("verify", pathWord(folder!));
  return {
    json: { folder, ...sent },
    text: `${sent.url} stored ${sent.stored} objects of ${folder}, in ${requests}`,
    next,
  };
}
