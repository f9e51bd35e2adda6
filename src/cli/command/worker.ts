import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext, CommandResult } from "../command.ts";
import { parsePositive, parsePositiveInteger, parseThreads } from "../options.ts";
import { addQueueOptions, queueAddress, queueShape } from "../queue-options.ts";
import { formatSeconds } from "../terminal-progress.ts";

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

/** Lines about refused jobs: whoever floods a queue does not flood the terminal. */
const REFUSED_SHOWN = 20;

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
  const { availableParallelism } = await import("node:os");
  const { HANDLERS } = await import("../../study/handlers-module.ts");
  const { openStore } = await import("../../study/jobs/open-store.ts");
  const { checkStudyJob } = await import("../../study/check-job.ts");
  const { checkRedis } = await import("../../study/queue/connection.ts");
  const { openQueueKey } = await import("../../study/queue/queue-key.ts");
  const { openQueueWorker } = await import("../../study/queue/queue-worker.ts");
  const address = await queueAddress(options, context.note);
  const { threads } = options;
  const concurrency = options.concurrency ?? Math.max(1, Math.floor(availableParallelism() / threads));
  for (const note of await checkRedis(address)) context.note(note);
  const store = await openStore(options.store, { create: false });

  const key = await openQueueKey(store, { file: options.queueKeyFile }, context.note);

  const counts = { done: 0, failed: 0, returned: 0, refused: 0 };
  const begun = new Map<string, number>();
  const idle = idleAfter(options.idleMinutes, context);
  const worker = openQueueWorker({
    ...{ address, store, key, concurrency, threads },
    handlers: HANDLERS,
    check: checkStudyJob,
    onRefused(line) {
      counts.refused++;
      if (counts.refused <= REFUSED_SHOWN) context.warn(line);
      if (counts.refused === REFUSED_SHOWN) context.warn("more refused jobs are counted and not listed");
    },
    onNote: (message) => context.warn(message),
    onEvent({ job, state, message, progress }) {
      if (state === "begun") {
        begun.set(job.id, performance.now());
        idle.busy(begun.size);
        return context.note(`started ${job.title}`);
      }
      if (state === "running") return context.progress({ ...progress!, stage: `${job.title}: ${progress!.stage}` });
      const seconds = formatSeconds((performance.now() - (begun.get(job.id) ?? performance.now())) / 1000);
      begun.delete(job.id);
      idle.busy(begun.size);
      counts[state]++;
      if (state === "done") context.note(`done    ${job.title}, ${seconds}`);
      else if (state === "failed") context.warn(`failed  ${job.title}, ${seconds}: ${message}`);
      else context.warn(`disk full: ${job.title} is returned, and no job is taken for a while: ${message}`);
    },
  });
  const atOnce = concurrency === 1 ? "one job" : `${concurrency} jobs`;
  const each = threads === 1 ? "one thread each" : `${threads} threads each`;
  context.note(`worker ${worker.name} on store ${store.id}: ${atOnce} at a time, ${each}; Ctrl-C ends it`);
  await idle.end;
  if (begun.size > 0) context.note(`finishing ${begun.size === 1 ? "one job" : `${begun.size} jobs`}`);
  await worker.close();
  const json = { worker: worker.name, store: store.id, ...counts };
  const refused = counts.refused === 0 ? "" : `, ${counts.refused} refused`;
  return { json, text: `${counts.done} ${counts.done === 1 ? "job" : "jobs"} done, ${counts.failed} failed${refused}` };
}

/** Ends with the first Ctrl-C, or after some minutes without a job. */
function idleAfter(minutes: number | undefined, { signal }: CommandContext) {
  let finish: () => void = () => undefined;
  const end = new Promise<void>((resolve) => {
    finish = resolve;
  });
  if (signal.aborted) finish();
  signal.addEventListener("abort", finish, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const busy = (jobs: number) => {
    clearTimeout(timer);
    if (minutes !== undefined && jobs === 0) timer = setTimeout(finish, minutes * 60_000);
  };
  busy(0);
  return { end, busy };
}
