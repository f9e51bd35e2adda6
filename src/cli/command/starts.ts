import { basename, join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { commandLine, flag } from "../../core/command-line.ts";
import { GanglionError } from "../../core/errors.ts";
import { nearestName } from "../../core/nearest-name.ts";
import { listed } from "../../core/quoted.ts";
import { startFolders } from "../../model/index.ts";
import { readStartFile, type StartFile } from "../../train/index.ts";
import type { CommandContext, CommandResult } from "../command.ts";

const EXAMPLES = `
Examples:
  ganglion starts
  ganglion starts skin-64
  ganglion train photos --label dx --from skin-64 --out run
  ganglion starts --in our-starts                    those of a folder of your own

docs/starts.md says what a training takes over from a start, and how one is made.`;

export function configure(command: Command): void {
  command
    .argument("[NAME]", "start to describe (default: all, one a line)")
    .option("--in <FOLDER>", "folder with starts (default: those of the package)")
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({ in: z.string().optional() });
type Options = z.infer<typeof options>;

/** Lists starts, damaged ones by warnings, or describes one. @throws GanglionError `usage` for a name that is not there, `run` for a damaged one */
export async function run(
  args: readonly string[],
  { in: folder }: Options,
  context: CommandContext,
): Promise<CommandResult> {
  const all = await startFolders(folder);
  const where = folder === undefined ? "in the package" : `in ${folder}`;
  const [name] = args;
  if (name !== undefined) {
    const found = all.find(({ start, folder: own }) => (start?.name ?? basename(own)) === name);
    if (found === undefined) {
      const names = all.flatMap(({ start }) => start?.name ?? []);
      const near = nearestName(name, names);
      const known =
        names.length === 0 ? "there is none" : `there ${names.length === 1 ? "is" : "are"} ${listed(names)}`;
      throw new GanglionError(
        "usage",
        `${name}: there is no such start ${where}; ${near === undefined ? known : `use ${near}`}`,
      );
    }
    const file = await readStartFile(found.folder);
    return {
      json: { folder: found.folder, ...file },
      text: described(found.folder, file),
    };
  }
  const starts: (StartFile & { folder: string })[] = [];
  const damaged: { folder: string; message: string }[] = [];
  for (const { folder: own } of all) {
    try {
      starts.push({ folder: own, ...(await readStartFile(own)) });
    } catch (error) {
      if (!(error instanceof GanglionError)) throw error;
      damaged.push({ folder: own, message: error.message });
      context.warn(`${error.message}; this start is left out`);
    }
  }
  const text = starts.length === 0 ? `there are no starts ${where}` : starts.map(lineOf).join("\n");
  const [first] = starts;
  const next = first === undefined ? undefined : commandLine("starts", first.name, ...flag("--in", folder));
  return { json: { starts, damaged }, text, next };
}

const thousands = (n: number): string => n.toLocaleString("en-US");

function sizeOf({ origins }: StartFile): string {
  const { resolution, channels, imagesSeen, model } = origins[0]!;
  return `${model}, ${resolution} px, ${channels === 1 ? "grey" : "colour"}, ${thousands(imagesSeen)} images seen`;
}

const lineOf = (file: StartFile): string =>
  `${file.name.padEnd(12)} ${file.about} (${sizeOf(file)}, ${file.origins[0]!.license})`;

const span = ({ value, low, high }: { value: number; low: number; high: number }): string =>
  `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;

function auditLine({ audit }: StartFile): string {
  if (audit === null) return "no audit was made";
  const { verdict, train, holdout, synthetic, copies, membershipAuc } = audit;
  const attack = membershipAuc === null ? "" : `, membership AUC ${span(membershipAuc)}`;
  return `${verdict}: ${thousands(synthetic)} images against ${thousands(train)} training and ${thousands(holdout)} held-out ones: ${copies} copies${attack}`;
}

function described(folder: string, file: StartFile): string {
  const { name, about, attribution, command, origins, quality, rounding, discriminator, picture } = file;
  const chain = origins.map(
    ({ name: own, weights, resolution, imagesSeen, license, data }) =>
      `  ${own ?? `${weights.slice(0, 12)}…`}: ${resolution} px, ${thousands(imagesSeen)} images seen; ${data.title ?? "images of one's own"}, ${data.images === null ? "" : `${thousands(data.images)} images, `}${license}`,
  );
  return [
    `${name}: ${about}`,
    `Size:      ${sizeOf(file)}, ${discriminator ? "with its discriminator" : "without discriminator"}`,
    `Classes:   ${origins[0]!.data.classes.join(", ")}`,
    `Licence:   ${origins[0]!.license}`,
    `Credit:    ${attribution}`,
    "Learned from:",
    ...chain,
    `Audit:     ${auditLine(file)}`,
    ...(quality === null ? [] : [`Quality:   ${quality.sentence}`]),
    `Rounding:  to half precision changes drawn images by ${rounding.mean} of 255 levels on average, by ${rounding.most} at most`,
    `Picture:   ${join(folder, picture.file)}`,
    `Made by:   ${command}`,
    `Use:       ganglion train DATASET --from ${name} --out run`,
  ].join("\n");
}
