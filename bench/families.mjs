// Training and its memory of every family beside the same network in eager PyTorch, at 64 px with the networks and recipe of `small`.
// Usage: npm run bench -- --only families [--family NAME]
import { join } from "node:path";
import { familyNames } from "../dist/model/index.js";
import { assertSameFamilyStep } from "./agree.mjs";
import { withChildren } from "./child.mjs";
import { writeFamilyCase } from "./family-case.mjs";
import { interleave, row } from "./interleave.mjs";

const SHAPE = { preset: "small", resolution: 64, classes: 7 };
/** Seconds of a turn, about. */
const TURN = 4;
/** Cycles before memory is read: every kind of step has run twice. */
const MEMORY_CYCLES = 2;
const MEMORY_ROUNDS = 3;

const MEMORIES = ["contiguous", "channels_last"];
/** Ways to write the peer's step; it is measured in the one that is fastest on this machine. */
const formsOf = (model) =>
  MEMORIES.flatMap((memory) =>
    model === "stylegan2" ? ["own", "scaled"].map((kernels) => ({ memory, kernels })) : [{ memory }],
  );

const wordsOf = (form) => Object.values(form).join(", ");

async function openTraining(child, folder, form) {
  await child.ask({ do: "openFamily", folder });
  await child.ask({ do: "train", form });
}

const secondsOf = async (child, count) => (await child.ask({ do: "cycles", count })).seconds;

/** The fastest form, each timed over some cycles after one to warm up. */
async function fastestForm({ folder, peer, forms, title, say }) {
  const timed = [];
  for (const form of forms) {
    await withChildren([peer.path], async (child) => {
      await openTraining(child, folder, form);
      const warm = await secondsOf(child, 1);
      const count = Math.max(1, Math.round(TURN / 2 / warm));
      timed.push({ form, seconds: (await secondsOf(child, count)) / count });
    });
    say(`${title}, ${wordsOf(form)}: ${timed.at(-1).seconds.toFixed(2)} s a cycle`);
  }
  return timed.reduce((a, b) => (b.seconds < a.seconds ? b : a));
}

async function measureFamily({ model, scratch, peer, rounds, quick, say }) {
  const folder = join(scratch, model);
  const { config, cycle, kinds, layouts } = await writeFamilyCase(folder, model, SHAPE);
  const title = `${model} ${SHAPE.resolution} px, ${peer.name}`;
  const forms = formsOf(model);
  const { difference, where } = await withChildren(["ours-family", peer.path], async (ours, other) => {
    for (const child of [ours, other]) await child.ask({ do: "openFamily", folder });
    return assertSameFamilyStep({ folder, ours, peer: other, forms, kinds: kinds.length, layouts });
  });
  say(`${title}: a step of each kind agrees to ${difference.toExponential(1)} (${where}) in all forms of the peer`);
  const chosen = quick ? { form: forms[0], seconds: TURN } : await fastestForm({ folder, peer, forms, title, say });
  const { form } = chosen;
  const count = Math.max(1, Math.round(TURN / chosen.seconds));
  const measured = await withChildren(["ours-family", peer.path], async (ours, other) => {
    for (const child of [ours, other]) await openTraining(child, folder, form);
    return interleave(rounds, { ours: () => secondsOf(ours, count), peer: () => secondsOf(other, count) });
  });
  const peak = (side) =>
    withChildren([side], async (child) => {
      await openTraining(child, folder, form);
      await secondsOf(child, quick ? 1 : Math.max(MEMORY_CYCLES, Math.ceil(4 / cycle.length)));
      return child.peakMemory() / 2 ** 20;
    });
  const memory = [];
  for (let round = 0; round < Math.min(rounds, MEMORY_ROUNDS); round++)
    memory.push({ ours: await peak("ours-family"), peer: await peak(peer.path) });
  const work = count * cycle.length * config.recipe.batch;
  const rows = [
    row(`training ${title}`, "images/s", measured, { work, required: { least: 1.2 } }),
    row(`training memory ${title}`, "MiB", memory, { required: { most: 1 } }),
  ];
  return rows.map((each) => ({ family: model, ...each, peerForm: form, stepDifference: difference }));
}

/** @param family The only one to measure. Defaults to all. */
export async function measureFamilies({ family, peers, ...scope }) {
  const rows = [];
  for (const model of familyNames()) {
    if (family !== undefined && model !== family) continue;
    for (const peer of peers) rows.push(...(await measureFamily({ model, peer, ...scope })));
  }
  return rows;
}
