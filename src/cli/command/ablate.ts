import { join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { commandLine, pathWord } from "../../core/command-line.ts";
import { GanglionError } from "../../core/errors.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import { ablate } from "../../evaluate/index.ts";
import { type CommandContext, type CommandResult, withListeners } from "../command.ts";
import { collect, parsePositiveInteger, parseSetting, parseThreads } from "../options.ts";

const EXAMPLES = `
Examples:
  ganglion ablate skin --label dx --out ablation --images 40000
  ganglion ablate skin --label dx --out ablation --images 40000 --seeds 0,1,2

Trains dermgan four times on equally many images: complete, without resize-convolution, without the L1 inside boxes,
without feature matching; draws images from held-out maps; writes ablation.json, ablation.md and report.html.
Finished parts are not repeated: after Ctrl-C the same command continues. docs/controls.md describes the protocol.`;

/** Images that each training sees where nothing else is said. */
const IMAGES = 40_000;

export function configure(command: Command): void {
  command
    .argument("<DATASET>", "image folder with masks or boxes")
    .requiredOption("--out <DIR>", "folder for trainings, images and the table")
    .option("--label <COL>", "column with the class (default: dataset.json, else guessed)")
    .option("--resolution <N>", "width and height in pixels", parsePositiveInteger, 64)
    .option("--images <N>", "images that each training sees", parsePositiveInteger, IMAGES)
    .option("--seeds <LIST>", "seeds of the trainings, separated by commas", "0")
    .option("--features <KIND>", "encoder or onnx:PATH", "encoder")
    .option("--set <NAME=VALUE>", "change the recipe of every variant; may be repeated", collect, [])
    .option("--threads <N>", "threads (default: 2)", parseThreads)
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({
  out: z.string(),
  label: z.string().optional(),
  resolution: z.number(),
  images: z.number(),
  seeds: z.string(),
  features: z.string(),
  set: z.array(z.string()),
  threads: z.number().optional(),
});
type Options = z.infer<typeof options>;

/** `0,1` => [0, 1]. @throws GanglionError `usage` */
function parseSeeds(text: string): number[] {
  const seeds = text.split(",").map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN));
  if (seeds.every(Number.isSafeInteger) && new Set(seeds).size === seeds.length) return seeds;
  throw new GanglionError("usage", `--seeds ${text}: write different whole numbers separated by commas, e.g. 0,1`);
}

/** Trains, draws and compares the variants. @throws GanglionError */
export async function run(args: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  const [dataset] = args as [string];
  const { set, seeds, ...given } = options;
  const { out } = given;
  await refuseOutInside(out, { DATASET: dataset });
  const asked = {
    ...given,
    dataset,
    seeds: parseSeeds(seeds),
    recipe: Object.fromEntries(set.map(parseSetting)),
    seed: context.seed,
  };
  const { file, markdown, filePath } = await ablate(asked, withListeners(context, {}));
  const next = commandLine("studio", pathWord(join(out, "runs")));
  return { json: { out, ...file }, text: `${markdown}\nwrote ${filePath}, ablation.md and report.html`, next };
}
