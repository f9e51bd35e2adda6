// Our side of the training of one family: one JSON request a line in, one JSON reply a line out. See families.mjs.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { compile } from "../dist/graph/index.js";
import { stateLayouts } from "../dist/model/index.js";
import { architectureOf } from "../dist/train/index.js";
import { initialState } from "../dist/train/initial-state.js";
import { planConvolutions } from "../dist/train/plan-cache.js";
import { stepGraphs } from "../dist/train/step-graphs.js";
import { Trainer } from "../dist/train/trainer.js";
import { writeState } from "./case.mjs";
import { THREADS } from "./child.mjs";
import { asFeeds, checkState, configOf, dataOf, readFloats, writeFloats } from "./family-case.mjs";

let folder;
let written;
let data;
let config;
let trainer;

const requests = {
  /** As a run does: with the forms of convolutions that are fastest on this machine. */
  async openFamily(request) {
    folder = request.folder;
    written = JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
    data = dataOf(written.shape.resolution, written.shape.classes);
    const made = configOf(written.model, written.shape, data.store.count);
    config = { ...made, plans: await planConvolutions(stepGraphs(made), THREADS) };
    return {};
  },

  /** One step of a kind from given numbers; writes the next state and what was seen. */
  async check({ kind }) {
    const { shapes, checkScalars } = written.kinds[kind];
    const architecture = architectureOf(config);
    const state = checkState(config, architecture);
    const program = await compile(stepGraphs(config)[kind], { threads: THREADS, plans: config.plans });
    const fed = Object.keys(shapes).map((name) => [name, readFloats(folder, `feed.${kind}.${name}`)]);
    const results = await program.run({ ...state, ...Object.fromEntries(fed), ...asFeeds(checkScalars) });
    const next = Object.fromEntries(Object.keys(state).map((name) => [name, results[`next.${name}`]]));
    writeState(folder, "ours.next", next, stateLayouts(architecture));
    for (const name of Object.keys(results))
      if (!name.startsWith("next.")) writeFloats(folder, `ours.${name}`, results[name]);
    await program.close();
    return { names: Object.keys(results) };
  },

  async train() {
    const architecture = architectureOf(config);
    const state = initialState(architecture, config.seed);
    const maps = config.maps === undefined ? undefined : { training: data.maps, shown: data };
    trainer = await Trainer.open({ config, architecture, store: data.store, maps, state });
    return {};
  },

  /** Seconds of whole cycles of the kinds of step. */
  async cycles({ count }) {
    const start = performance.now();
    let last;
    for (let step = 0; step < count * written.cycle.length; step++) last = await trainer.advance();
    return { seconds: (performance.now() - start) / 1000, last };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: what, ...request } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await requests[what](request))}\n`);
}
await trainer?.close();
