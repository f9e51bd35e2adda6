import type { Command } from "commander";
import { z } from "zod";
import { type CommandContext, type CommandResult, withListeners } from "../command.ts";
import { parsePositive, parsePositiveInteger, parseThreads } from "../options.ts";
import { addQueueOptions, queueAddress, queueShape } from "../queue-options.ts";

const EXAMPLES = `
Examples:
  ganglion worker --queue redis://queue.lan --queue-password-file password --store /mnt/study/store
  ganglion worker --queue rediss://queue.lan:6380 --store /mnt/study/store --concurrency 4 # GANGLION_QUEUE_PASSWORD is set
  AWS_ENDPOINT_URL=http://minio.lan:9000 \\
  ganglion worker --queue redis://queue.lan --queue-key-file queue.key --store s3://studies/skin
  ganglion worker --queue redis://queue.lan --store /mnt/study/store --idle-minutes 10     # e.g. in a Slurm array

Runs the jobs of \`ganglion study CONFIG.json --queue ... --store ...\` with the same queue and the same store, together with
any number of other workers. Workers can be started and stopped at any time. Ctrl-C ends a worker after its current jobs, a
second Ctrl-C at once: others take over what it leaves. It runs only jobs that are signed with the key of the store.
docs/cluster.md describes several machines, Slurm and Kubernetes.`;

export function configure(command: Command): void {
  command
    .requiredOption("--queue <URL>", "address of Redis, redis://HOST[:PORT] or rediss:// for TLS")
    .requiredOption("--store <DIR|s3://BUCKET/PREFIX>", "store of the study, as this machine sees it");
  addQueueOptions(command)
    .option("--concurrency <N>", "jobs at a time (default: cores divided by --threads)", parsePositiveInteger)
    .option("--threads <N>", "threads of each job", parseThreads, 1)
    .option("--idle-minutes <M>", "end after this many minutes without a job (default: never)", parsePositive)
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({
  queue: z.string(),
  store: z.string(),
  ...queueShape,
  concurrency: z.number().optional(),
  threads: z.number(),
  idleMinutes: z.number().optional(),
});
type Options = z.infer<typeof options>;

/** Takes jobs until the first Ctrl-C, or until there are none. @throws GanglionError */
export async function run(_args: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  const { runWorker } = await import("../../study/run-worker.ts");
  const queue = await queueAddress(options, context.note);
  const { queuePasswordFile: _, ...asked } = options;
  const did = await runWorker({ ...asked, queue }, withListeners(context, {}));
  const refused = did.refused === 0 ? "" : `, ${did.refused} refused`;
  return {
    json: { ...did },
    text: `${did.done} ${did.done === 1 ? "job" : "jobs"} done, ${did.failed} failed${refused}`,
  };
}
