import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { GanglionError } from "../../core/errors.ts";
import { HashIndex } from "../hash-index.ts";
import { BLOCK, type SearchSetup, searchBlock } from "./search-block.ts";

/** Pictures from which threads are worth their start. */
const SEARCHED_IN_THREADS = 5000;
const MOST_THREADS = 8;
/** Blocks that each thread has before it. */
const AHEAD = 8;

const WORKER = new URL("./search-worker.js", import.meta.url);

/**
 * Candidates of all pictures, block by block in their order, see {@link searchBlock}.
 * @param inThreads Defaults to whether there are many pictures.
 */
export async function* searchBlocks(
  setup: SearchSetup,
  inThreads = setup.count >= SEARCHED_IN_THREADS,
): AsyncGenerator<Uint32Array> {
  if (inThreads) {
    yield* threadedBlocks(setup);
    return;
  }
  const index = new HashIndex(setup.asTheyAre, setup.most);
  for (let first = 0; first < setup.count; first += BLOCK) yield searchBlock(setup, index, first);
}

/** A thread and those who wait for its answers, in the order in which they asked. */
interface Searcher {
  readonly worker: Worker;
  readonly waiting: { resolve(found: Uint32Array): void; reject(cause: unknown): void }[];
}

function openSearcher(setup: SearchSetup): Searcher {
  const worker = new Worker(WORKER, { workerData: setup });
  const waiting: Searcher["waiting"] = [];
  const fail = (cause: unknown) => {
    for (const { reject } of waiting.splice(0)) reject(cause);
  };
  worker.on("message", (found: Uint32Array) => waiting.shift()!.resolve(found));
  worker.on("error", fail);
  worker.on("exit", (code) => fail(new GanglionError("internal", `internal: a search worker ended (${code})`)));
  return { worker, waiting };
}

async function* threadedBlocks(setup: SearchSetup): AsyncGenerator<Uint32Array> {
  const blocks = Math.ceil(setup.count / BLOCK);
  const searchers = Array.from({ length: Math.min(MOST_THREADS, availableParallelism(), blocks) }, () =>
    openSearcher(setup),
  );
  const asked: Promise<Uint32Array>[] = [];
  const ask = (block: number) => {
    const { worker, waiting } = searchers[block % searchers.length]!;
    const answer = new Promise<Uint32Array>((resolve, reject) => waiting.push({ resolve, reject }));
    // Whoever waits for it hears of a failure; one that nobody waits for any more is none.
    answer.catch(() => undefined);
    worker.postMessage(block * BLOCK);
    asked.push(answer);
  };
  try {
    for (let block = 0; block < Math.min(blocks, AHEAD * searchers.length); block++) ask(block);
    for (let block = 0; block < blocks; block++) {
      yield await asked[block]!;
      asked[block] = Promise.resolve(new Uint32Array());
      const next = block + AHEAD * searchers.length;
      if (next < blocks) ask(next);
    }
  } finally {
    await Promise.all(searchers.map(({ worker }) => worker.terminate()));
  }
}
