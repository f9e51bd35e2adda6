// Training, generation and memory of the networks against each PyTorch, eager and compiled.
import { join } from "node:path";
import { generationBatch, presetResolution } from "../dist/model/index.js";
import { defaultRecipes } from "../dist/train/index.js";
import { assertSameImages, assertSameStep } from "./agree.mjs";
import { LATENTS, writeCase } from "./case.mjs";
import { withChildren } from "./child.mjs";
import { interleave, median, row } from "./interleave.mjs";

/** Presets with the penalty intervals that one turn trains. */
const CASES = [
  { preset: "tiny", intervals: 12 },
  { preset: "small", intervals: 4 },
];
/** Names of the presets. */
export const BENCHED = CASES.map(({ preset }) => preset);
/** Ways to write the peer's step; it is measured in the one that is fastest on this machine. */
const FORMS = ["joined", "separate"].flatMap((passes) =>
  ["contiguous", "channels_last"].map((memory) => ({ passes, memory })),
);
/** Batches that the peer generates in; ours, which depends on the resolution, is one of them. */
const PEER_BATCHES = [16, 64];
/** Intervals before memory is read: every kind of step has run twice. */
const MEMORY_INTERVALS = 2;
const MEMORY_ROUNDS = 3;

const titleOf = (preset) => `\`${preset}\` ${presetResolution(preset)} px`;

/** Writes each preset's case once, which every child opens; each peer is measured in it. */
async function eachCase({ scratch, peers, preset: only }, use) {
  const rows = [];
  for (const { preset, intervals } of CASES) {
    if (only !== undefined && only !== preset) continue;
    const folder = join(scratch, preset);
    writeCase(folder, preset);
    for (const peer of peers) {
      rows.push(...(await use({ preset, intervals, folder, peer, title: `${titleOf(preset)}, ${peer.name}` })));
    }
  }
  return rows;
}

const open = async (child, folder) => child.ask({ do: "open", folder });
const train = async (child, form) => child.ask({ do: "train", form });
const timeIntervals = async (child, count) => (await child.ask({ do: "intervals", count })).seconds;

/** Forms whose step is checked: all eager ones, and a compiled one where the peer compiles. */
const checkedForms = (peer) => (peer.compiles ? [...FORMS, { ...FORMS[0], compiled: true }] : FORMS);

/** A peer's fastest form, each timed over one interval after one to warm up: the eager ones, then the fastest compiled. */
async function fastestForm(folder, peer, say) {
  const timed = [];
  const time = (form) =>
    withChildren([peer.path], async (child) => {
      await open(child, folder);
      await train(child, form);
      await timeIntervals(child, 1);
      const seconds = await timeIntervals(child, 1);
      timed.push({ form, seconds });
      const how = form.compiled ? "compiled" : "eager";
      say(`${peer.name} ${how}, ${form.passes}, ${form.memory}: ${seconds.toFixed(2)} s an interval`);
    });
  const fastest = () => timed.reduce((a, b) => (b.seconds < a.seconds ? b : a)).form;
  for (const form of FORMS) await time(form);
  if (peer.compiles) await time({ ...fastest(), compiled: true });
  return fastest();
}

/** Forms found in this run by preset and peer, so that memory is measured in the form that was timed. */
const chosen = new Map();

async function formOf(preset, folder, peer, say) {
  const key = `${preset} ${peer.path}`;
  if (!chosen.has(key)) chosen.set(key, await fastestForm(folder, peer, say));
  return chosen.get(key);
}

export const measureTraining = ({ rounds, quick, say, ...scope }) =>
  eachCase(scope, async ({ preset, intervals, folder, peer: described, title }) => {
    const forms = checkedForms(described);
    const { difference, where } = await withChildren(["ours", described.path], async (ours, peer) => {
      for (const child of [ours, peer]) await open(child, folder);
      return assertSameStep(folder, ours, peer, forms);
    });
    say(
      `${title}: one step agrees to ${difference.toExponential(1)} (${where}) in all ${forms.length} forms of the peer`,
    );
    const form = quick ? FORMS[0] : await formOf(preset, folder, described, say);
    return withChildren(["ours", described.path], async (ours, peer) => {
      for (const child of [ours, peer]) {
        await open(child, folder);
        await train(child, form);
      }
      const count = quick ? 1 : intervals;
      const { batch, penaltyInterval } = defaultRecipes[preset];
      const measured = await interleave(rounds, {
        ours: () => timeIntervals(ours, count),
        peer: () => timeIntervals(peer, count),
      });
      const work = count * penaltyInterval * batch;
      const how = form.compiled ? " compiled" : "";
      const line = row(`training ${title}${how}`, "images/s", measured, { work, required: { least: 1.3 } });
      return [{ ...line, peerForm: form, stepDifference: difference }];
    });
  });

export const measureGeneration = ({ rounds, quick, say, ...scope }) =>
  eachCase(scope, async ({ preset, folder, peer: described, title }) => {
    const ways = (described.compiles ? [false, true] : [false]).flatMap((compiled) =>
      PEER_BATCHES.map((batch) => ({ batch, compiled })),
    );
    return withChildren(["ours", ...ways.map(() => described.path)], async (ours, ...peers) => {
      const batch = generationBatch(presetResolution(preset));
      const sides = [[ours, { batch }], ...peers.map((peer, i) => [peer, ways[i]])];
      for (const [child, way] of sides) {
        await open(child, folder);
        await child.ask({ do: "generation", ...way });
      }
      for (const [i, way] of ways.entries()) {
        if (way.batch === batch) await assertSameImages(folder, ours, peers[i], batch);
      }
      say(`${title}: generated images agree`);
      const images = quick ? Math.max(...PEER_BATCHES) : LATENTS;
      const time =
        ([child, way]) =>
        async () =>
          (await child.ask({ do: "generate", batch: way.batch, images })).seconds;
      const names = ["ours", ...ways.map(nameOf)];
      const measured = await interleave(rounds, Object.fromEntries(names.map((name, i) => [name, time(sides[i])])));
      return PEER_BATCHES.map((size) => {
        // Eager or compiled: the faster counts.
        const own = ways.filter((way) => way.batch === size);
        const seconds = own.map((way) => median(measured.map((round) => round[nameOf(way)])));
        const fastest = own[seconds.indexOf(Math.min(...seconds))];
        const how = fastest.compiled ? " compiled" : "";
        return row(`generation ${title}${how} in batches of ${size}`, "images/s", measured, {
          work: images,
          required: { least: 1.2 },
          peer: nameOf(fastest),
        });
      });
    });
  });

const nameOf = ({ batch, compiled }) => `peer${batch}${compiled ? "compiled" : ""}`;

export const measureMemory = ({ rounds, quick, say, ...scope }) =>
  eachCase(scope, async ({ preset, folder, peer, title }) => {
    const form = quick ? FORMS[0] : await formOf(preset, folder, peer, say);
    const peak = (side) =>
      withChildren([side], async (child) => {
        await open(child, folder);
        await train(child, form);
        await timeIntervals(child, quick ? 1 : MEMORY_INTERVALS);
        return child.peakMemory() / 2 ** 20;
      });
    const measured = [];
    for (let round = 0; round < Math.min(rounds, MEMORY_ROUNDS); round++) {
      measured.push({ ours: await peak("ours"), peer: await peak(peer.path) });
    }
    const how = form.compiled ? " compiled" : "";
    return [{ ...row(`training memory ${title}${how}`, "MiB", measured, { required: { most: 1 } }), peerForm: form }];
  });
