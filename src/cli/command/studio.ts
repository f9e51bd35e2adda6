import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import type { CommandContext, CommandResult } from "../command.ts";
import { collect } from "../options.ts";

const EXAMPLES = `
Examples:
  ganglion studio run                    draw lesions with a run, follow its training, view its dataset
  ganglion studio skin                   view a dataset
  ganglion studio study                  follow a study: its arms, running estimates, workers and failures
  ganglion studio work --port 8080       every run, study and dataset in the folder work, and the whole job
  ganglion studio new                    a new or empty folder: import, train, draw, evaluate, audit and release there
  ganglion studio new --root /scans      images are taken from /scans

Prints a URL with a secret token; open it in a browser on this machine. Nothing is sent anywhere else. Ctrl-C ends it.
docs/studio.md describes the pages, the files they write, and how access to the server is restricted.`;

/** A port: a whole number from 0 to 65535. */
function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError("Give a whole number from 0 to 65535; 0 means any free port.");
}

export function configure(command: Command): void {
  command
    .argument(
      "[RUN|STUDY|DATASET|DIR]",
      "a run, a study, a dataset, or a folder with some of these; a new or empty one becomes a project",
      ".",
    )
    .option("--port <N>", "port to listen on, 0 for a free one (default: 4747)", parsePort)
    .option("--host <ADDRESS>", "address to listen on", "127.0.0.1")
    .option("--allow-remote", "let --host be an address that other machines reach")
    .option(
      "--root <DIR>",
      "folder that images may be imported from, beside the project; may be repeated (default: your home folder)",
      collect,
    )
    .option("--show-patients", "show columns that name patients, lesions or files")
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({
  port: z.number().optional(),
  host: z.string(),
  allowRemote: z.boolean().optional(),
  root: z.array(z.string()).optional(),
  showPatients: z.boolean().optional(),
});
type Options = z.infer<typeof options>;

/** Serves the studio until the first Ctrl-C. @throws GanglionError */
export async function run(args: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  const { startStudio } = await import("../../studio/server/start-studio.ts");
  const { isLoopback } = await import("../../studio/server/request-rules.ts");
  const { root: roots, ...others } = options;
  const studio = await startStudio({
    path: args[0] ?? ".",
    ...others,
    roots,
    note: (message) => context.note(message),
  });
  if (!isLoopback(studio.host)) {
    context.warn(`warning: other machines can reach ${studio.host}, and what is sent is not encrypted`);
  }
  const { runs, studies, datasets } = studio.opened;
  const found = [
    count(runs, "run", "runs"),
    count(datasets, "dataset", "datasets"),
    count(studies, "study", "studies"),
  ];
  const shown = found.filter((text) => !text.startsWith("0 "));
  if (shown.length > 0) context.note(`opened ${shown.join(" and ")}`);
  // Even with --quiet: without the URL there is no way in.
  context.warn(`studio: ${studio.url}`);
  await until(context.signal);
  await studio.close();
  return { json: { host: studio.host, port: studio.port, runs, studies, datasets }, text: "the studio is closed" };
}

const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
