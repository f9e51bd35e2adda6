// Training, generation and memory of the networks against eager PyTorch.
import { join } from "node:path";
import { generationBatch, presetResolution } from "../dist/model/index.js";
import { defaultRecipes } from "../dist/train/index.js";
import { assertSameImages, assertSameStep } from "./agree.mjs";
import { LATENTS, writeCase } from "./case.mjs";
import { withChildren } from "./child.mjs";
import { interleave, row } from "./interleave.mjs";

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

/** Writes each preset's case once; both children open it. */
async function eachCase({ scratch, preset: only }, use) {
  const rows = [];
  for (const { preset, intervals } of CASES) {
    if (only !== undefined && only !== preset) continue;
    const folder = join(scratch, preset);
    writeCase(folder, preset);
    rows.push(...(await use({ preset, intervals, folder, title: titleOf(preset) })));
  }
  return rows;
}

const open = async (child, folder) => child.ask({ do: "open", folder });
const train = async (child, form) => child.ask({ do: "train", form });
const timeIntervals = async (child, count) => (await child.ask({ do: "intervals", count })).seconds;

/** The peer's fastest form, each timed over one interval after one to warm up. */
async function fastestForm(folder, say) {
  const seconds = [];
  for (const form of FORMS) {
    await withChildren(["peer"], async (peer) => {
      await open(peer, folder);
      await train(peer, form);
      await timeIntervals(peer, 1);
      seconds.push(await timeIntervals(peer, 1));
    });
    say(`peer ${form.passes}, ${form.memory}: ${seconds[seconds.length - 1].toFixed(2)} s an interval`);
  }
  return FORMS[seconds.indexOf(Math.min(...seconds))];
}

/** Forms found in this run by preset, so that memory is measured in the form that was timed. */
const chosen = new Map();

async function formOf(preset, folder, say) {
  if (!chosen.has(preset)) chosen.set(preset, await fastestForm(folder, say));
  return chosen.get(preset);
}

export const measureTraining = ({ rounds, quick, say, ...scope }) =>
  eachCase(scope, async ({ preset, intervals, folder, title }) => {
    const { difference, where } = await withChildren(["ours", "peer"], async (ours, peer) => {
      for (const child of [ours, peer]) await open(child, folder);
      return assertSameStep(folder, ours, peer, FORMS);
    });
    say(
      `${title}: one step agrees to ${difference.toExponential(1)} (${where}) in all ${FORMS.length} forms of the peer`,
    );
    const form = quick ? FORMS[0] : await formOf(preset, folder, say);
    return withChildren(["ours", "peer"], async (ours, peer) => {
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
      const line = row(`training ${title}`, "images/s", measured, { work, required: { least: 1.3 } });
      return [{ ...line, peerForm: form, stepDifference: difference }];
    });
  });

export const measureGeneration = ({ rounds, quick, say, ...scope }) =>
  eachCase(scope, async ({ preset, folder, title }) =>
    withChildren(["ours", ...PEER_BATCHES.map(() => "peer")], async (ours, ...peers) => {
      const batch = generationBatch(presetResolution(preset));
      const sides = [[ours, batch], ...peers.map((peer, i) => [peer, PEER_BATCHES[i]])];
      for (const [child, size] of sides) {
        await open(child, folder);
        await child.ask({ do: "generation", batch: size });
      }
      await assertSameImages(folder, ours, peers[PEER_BATCHES.indexOf(batch)], batch);
      say(`${title}: generated images agree`);
      const images = quick ? Math.max(...PEER_BATCHES) : LATENTS;
      const time =
        ([child, size]) =>
        async () =>
          (await child.ask({ do: "generate", batch: size, images })).seconds;
      const names = ["ours", ...PEER_BATCHES.map((size) => `peer${size}`)];
      const measured = await interleave(rounds, Object.fromEntries(names.map((name, i) => [name, time(sides[i])])));
      const options = { work: images, required: { least: 1.2 } };
      return PEER_BATCHES.map((size) =>
        row(`generation ${title}, peer in batches of ${size}`, "images/s", measured, {
          ...options,
          peer: `peer${size}`,
        }),
      );
    }),
  );

export const measureMemory = ({ rounds, quick, say, ...scope }) =>
  eachCase(scope, async ({ preset, folder, title }) => {
    const form = quick ? FORMS[0] : await formOf(preset, folder, say);
    const peak = (side) =>
      withChildren([side], async (child) => {
        await open(child, folder);
        await train(child, form);
        await timeIntervals(child, quick ? 1 : MEMORY_INTERVALS);
        return child.peakMemory() / 2 ** 20;
      });
    const measured = [];
    for (let round = 0; round < Math.min(rounds, MEMORY_ROUNDS); round++) {
      measured.push({ ours: await peak("ours"), peer: await peak("peer") });
    }
    return [{ ...row(`training memory ${title}`, "MiB", measured, { required: { most: 1 } }), peerForm: form }];
  });
