// One training step of every family against the same step in eager PyTorch, both in float64, so that no value rounds to the other
// side of a rectifier's kink: losses, logits, and the change of every tensor. That the runtime computes the graph in float32 as the
// interpreter does in float64 is tested beside each step graph.
// Usage: npm run bench -- --only steps
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { interpret } from "../dist/graph/index.js";
import { stateLayouts } from "../dist/model/index.js";
import { stagesOf } from "../dist/train/growth/stages.js";
import { architectureOf, trainingFamily } from "../dist/train/index.js";
import { changesOf, relativeDifference } from "./agree.mjs";
import { describeLayouts, writeState } from "./case.mjs";
import { THREADS } from "./child.mjs";
import { asFeeds, checkState, configOf, dataOf, readFloats, seenOf, stepInputs, writeFloats } from "./family-case.mjs";

/** Relative difference that rounding to float32, in which both sides write what they found, may make. */
const TOLERANCE = 1e-6;
/** Small batches: the peer is eager, and what agrees for four images agrees for more. */
const BATCH = 4;
const RESOLUTION = 32;
const CLASSES = 3;

/** How far the newest layers are faded in, where a stage does that. */
const FADE = { share: 0.3, updates: 5 };

/** Families with the options of their recipes that bring every kind of step near. */
const CASES = {
  dermgan: {},
  pggan: { grow: { from: 16, until: 0.5, fade: 0.5 } },
  pix2pixhd: {},
  r3gan: { penaltyInterval: 2 },
  spade: {},
  stylegan2: { gamma: 0.5, penaltyInterval: 4, pathInterval: 2 },
};

const fadeOf = ({ fading }) => (fading ? FADE : undefined);

/** One kind of step on both sides; @returns relative differences by name. */
async function compareStep({ folder, python, config, stage, graph, step, state, data }) {
  mkdirSync(folder, { recursive: true });
  const a = architectureOf(config, stage);
  const layouts = stateLayouts(a);
  const given = await stepInputs({ config, stage, fade: fadeOf(stage), graph, step, state, data });
  const feeds = { ...given.feeds, ...asFeeds(given.checkScalars) };
  const values = interpret(Object.values(graph), { ...state, ...feeds });
  const results = Object.fromEntries(Object.keys(graph).map((name, i) => [name, Float32Array.from(values[i])]));
  const described = describeLayouts(layouts);
  const seen = seenOf(graph);
  writeFileSync(
    join(folder, "case.json"),
    JSON.stringify({
      model: config.model,
      architecture: a,
      recipe: config.recipe,
      layouts: described,
      shapes: given.shapes,
      outputs: seen,
    }),
  );
  for (const [name, array] of Object.entries(feeds)) writeFloats(folder, `feed.${name}`, array);
  writeState(folder, "check", state, layouts);
  const next = Object.fromEntries(Object.keys(state).map((name) => [name, results[`next.${name}`]]));
  writeState(folder, "ours.next", next, layouts);
  const peer = fileURLToPath(new URL("peer/family_step.py", import.meta.url));
  const { status, stderr } = spawnSync(python, ["-s", peer, folder, `${THREADS}`], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the peer's step of ${config.model} failed:\n${stderr}`);
  return [
    ...seen.map((name) => ({
      name,
      difference: relativeDifference(results[name], readFloats(folder, `peer.${name}`)),
    })),
    ...Object.keys(state).flatMap((name) => changesOf(folder, described, name, "ours", "peer")),
  ];
}

/** Compares every kind of step of every case with each peer's. @throws Error that lists what differs */
export async function measureSteps({ scratch, peers, family: only, say }) {
  const data = dataOf(RESOLUTION, CLASSES);
  for (const peer of peers) {
    for (const [model, changes] of Object.entries(CASES)) {
      if (only !== undefined && model !== only) continue;
      const shape = { preset: "tiny", resolution: RESOLUTION, classes: CLASSES, changes: { batch: BATCH, ...changes } };
      const config = configOf(model, shape, data.store.count);
      const family = trainingFamily(config);
      const kinds = stagesOf(config).flatMap((stage) =>
        family.stepGraphs(config, stage).map((graph, index) => ({ stage, graph, index })),
      );
      for (const [kind, { stage, graph, index }] of kinds.entries()) {
        const architecture = architectureOf(config, stage);
        const state = checkState(config, architecture);
        let step = 0;
        while (family.schedule(config, step, step, 0, fadeOf(stage)).graph !== index) step++;
        const folder = join(scratch, `${model}-${kind}`);
        const found = await compareStep({ folder, python: peer.path, config, stage, graph, step, state, data });
        const named = `${model}, ${stage.resolution} px${stage.fading ? " faded in" : ""}, step ${step}`;
        const wrong = found.filter(({ difference }) => !(difference <= TOLERANCE));
        if (wrong.length > 0) {
          const lines = wrong.map(({ name, difference }) => `${name}: ${difference}`);
          throw new Error(
            `${named}: differs from ${peer.name}'s by more than ${TOLERANCE}, relative:\n  ${lines.join("\n  ")}`,
          );
        }
        const { name, difference } = found.reduce((most, one) => (one.difference > most.difference ? one : most));
        say(
          `${named}, ${peer.name}: ${found.length} values and tensors agree to ${difference.toExponential(1)} (${name})`,
        );
      }
    }
  }
  return [];
}
