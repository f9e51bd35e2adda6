import type { Command } from "commander";
import { z } from "zod";
import { commandLine, pathWord } from "../../core/command-line.ts";
import { GanglionError } from "../../core/errors.ts";
import { writePhantom } from "../../phantom/write.ts";
import type { CommandContext, CommandResult } from "../command.ts";

const EXAMPLES = `
Examples:
  ganglion phantom skin                          2000 images of 64 x 64 pixels in seven classes, nevus to fibroma 40:1
  ganglion phantom small --count 300 --size 32   fewer and smaller
  ganglion phantom other --seed 7                other patients and lesions

OUT must not exist or be empty. Everything is drawn by code, no image of a person is used: the classes are named after
dermoscopic diagnoses and have no medical meaning. The same count, size and seed give the same files.`;

export function configure(command: Command): void {
  command
    .argument("<OUT>", "folder to write the dataset to")
    .option("--count <N>", "images, 7 or more", "2000")
    .option("--size <N>", "width and height in pixels, 16 to 512", "64")
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({ count: z.string(), size: z.string() });
type Options = z.infer<typeof options>;

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new GanglionError("usage", `--${name} ${text}: a whole number is needed`);
}

/** Draws the phantom to OUT. @throws GanglionError */
export async function run(args: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  const [out] = args;
  const count = wholeNumber("count", options.count);
  const size = wholeNumber("size", options.size);
  const { seed, progress: onProgress } = context;
  const { counts, patients, images, masks } = await writePhantom(out!, { count, size, seed, onProgress });
  const lines = Object.entries(counts).map(([name, n]) => `  ${name}: ${n}`);
  return {
    json: { out, images, masks, patients, size, seed, counts },
    next: commandLine("inspect", pathWord(out!)),
    text: [
      `wrote ${images} images and masks of ${size} x ${size} pixels, ${patients} patients, to ${out}`,
      ...lines,
    ].join("\n"),
  };
}
