import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { GanglionError } from "../../core/errors.ts";
import { BLOCK, BlockSearch, type LaidPair, type SearchSetup } from "./search-block.ts";

/** Pictures from which threads are worth their start. */
const SEARCHED_IN_THREADS = 5000;
const MOST_THREADS = 8;
/** Blocks that each thread has before it. */
const AHEAD = 8;

const WORKER = new URL("./search-worker.js", import.meta.url);

/**
 * Pairs that are much alike of all pictures, block by block in their order, see {@link BlockSearch}.
 * @param inThreads Defaults to whether there are many pictures.
 */
export async function* searchBlocks(
  setup: SearchSetup,
  inThreads = setup.count >= SEARCHED_IN_THREADS,
): AsyncGenerator<LaidPair[]> {
  if (inThreads) {
    yield* threadedBlocks(setup);
    return;
  }
  const search = new BlockSearch(setup);
  try {
    for (let first = 0; first < setup.count; first += BLOCK) yield search.block(first);
  } finally {
    search.close();
  }
}

/** A thread and those who wait for its answers, in the order in which they asked. */
interface Searcher {
  readonly worker: Worker;
  readonly waiting: { resolve(found: LaidPair[]): void; reject(cause: unknown): void }[];
}

function openSearcher(setup: SearchSetup): Searcher {
  const worker = new Worker(WORKER, { workerData: setup });
  const waiting: Searcher["waiting"] = [];
  const fail = (cause: unknown) => {
    for (const { reject } of waiting.splice(0)) reject(cause);
  };
  worker.on("message", (found: LaidPair[]) => waiting.shift()!.resolve(found));
  worker.on("error", fail);
  worker.on("exit", (code) => fail(new GanglionError("internal", `internal: a search worker ended (${code})`)));
  return { worker, waiting };
}

async function* threadedBlocks(setup: SearchSetup): AsyncGenerator<LaidPair[]> {
  const blocks = Math.ceil(setup.count / BLOCK);
  const searchers = Array.from({ length: Math.min(MOST_THREADS, availableParallelism(), blocks) }, () =>
    openSearcher(setup),
  );
  const asked: Promise<LaidPair[]>[] = [];
  const ask = (block: number) => {
    const { worker, waiting } = searchers[block % searchers.length]!;
    const answer = new Promise<LaidPair[]>((resolve, reject) => waiting.push({ resolve, reject }));
    // Whoever waits for it hears of a failure; one that nobody waits for any more is none.
    answer.catch(() => undefined);
    worker.postMessage(block * BLOCK);
    asked.push(answer);
  };
  try {
    for (let block = 0; block < Math.min(blocks, AHEAD * searchers.length); block++) ask(block);
    for (let block = 0; block < blocks; block++) {
      yield await asked[block]!;
      asked[block] = Promise.resolve([]);
      const next = block + AHEAD * searchers.length;
      if (next < blocks) ask(next);
    }
  } finally {
    await Promise.all(searchers.map(({ worker }) => worker.terminate()));
  }
}
