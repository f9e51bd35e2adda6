// Process that runs the waiting jobs of the project that its argument names; it outlives the studio that started it.
import { runQueue } from "./run-queue.ts";

await runQueue(process.argv[2]!);
