import { parentPort, workerData } from "node:worker_threads";
import { GanglionError } from "../../core/errors.ts";
import { HashIndex } from "../hash-index.ts";
import { type SearchSetup, searchBlock } from "./search-block.ts";

const port = parentPort;
if (port === null) throw new GanglionError("internal", "internal: a search worker runs in a thread of its own");
const setup = workerData as SearchSetup;
const index = new HashIndex(setup.asTheyAre, setup.most);

port.on("message", (first: number) => {
  const found = searchBlock(setup, index, first);
  port.postMessage(found, [found.buffer as ArrayBuffer]);
});
