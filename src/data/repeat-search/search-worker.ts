import { parentPort, workerData } from "node:worker_threads";
import { GanglionError } from "../../core/errors.ts";
import { BlockSearch, type SearchSetup } from "./search-block.ts";

const port = parentPort;
if (port === null) throw new GanglionError("internal", "internal: a search worker runs in a thread of its own");
const search = new BlockSearch(workerData as SearchSetup);

port.on("message", (first: number) => port.postMessage(search.block(first)));
