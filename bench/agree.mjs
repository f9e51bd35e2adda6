// Whether both sides compute the same: asserted before anything is timed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { STATE_NAMES } from "../dist/model/index.js";

/** Relative difference that two float32 libraries may have in losses, logits, and the change of a whole network. */
const TOLERANCE = 1e-3;
/** In the change of one tensor at least. */
const TENSOR_TOLERANCE = 1e-2;
/** What a gradient loses where a value rounds to the other side of a rectifier's kink: 1 - 0.2, the slopes. */
const KINK = 0.8;
/** Values of a step that do so, about: 4 million, of which one in a million lies within rounding of zero. */
const FLIPS = 4;
/** Largest term of a gradient's sum, in units of their root mean square. */
const LARGEST_TERM = 8;

/**
 * Relative difference that rounding alone makes in the change of one tensor. A gradient is a sum over images and places with
 * terms of both signs, so that its size is about the square root of their number; each flipped value takes KINK of one term. On
 * processors of other instruction sets other values flip; which side is off tells bench/exact-step.mjs.
 * @param places Images times pixels that a value of the gradient sums over.
 */
const tensorTolerance = (channels, places) =>
  Math.max(TENSOR_TOLERANCE, (KINK * Math.sqrt(FLIPS) * LARGEST_TERM) / Math.sqrt(channels * places));

/** Pixels of the maps that a layer of either network works on. */
function pixelsOf(name, { resolution }) {
  const stage = /^stage(\d+)\./.exec(name)?.[1];
  if (stage !== undefined) return (4 * 2 ** Number(stage)) ** 2;
  return name.startsWith("image.") ? resolution ** 2 : 1;
}

function readFloats(folder, name) {
  const bytes = readFileSync(join(folder, `${name}.f32`));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Cancels in a loss of differences of logits: its gradient is rounding alone, to be small beside the whole network's. */
const WITHOUT_GRADIENT = "logit.bias";

/**
 * |a - b| / |a| over all numbers (Euclidean), of what was added to `before` where that is given; of |scale| where the
 * numbers themselves are rounding.
 */
export function relativeDifference(a, b, before, scale) {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let [difference, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    size += (a[i] - (before?.[i] ?? 0)) ** 2;
  }
  if (scale !== undefined) size = scale ** 2;
  return size === 0 ? Number(difference > 0) : Math.sqrt(difference / size);
}

/** Root mean square of after - before. */
const meanChange = (after, before) =>
  Math.sqrt(after.reduce((sum, v, i) => sum + (v - before[i]) ** 2, 0) / after.length);

/**
 * Relative differences of the change of a network, as a whole and tensor by tensor, between two sides' files; as a whole NaN,
 * which agrees with nothing, where nothing changed.
 */
export function changesOf(folder, layouts, state, first, second) {
  const [a, b] = [first, second].map((side) => readFloats(folder, `${side}.next.${state}`));
  const before = readFloats(folder, `check.${state}`);
  const parameters = layouts[state.startsWith("discriminator") ? "discriminator" : "generator"];
  const parts = parameters.map(({ name, shape, offset }) => {
    const end = offset + shape.reduce((x, y) => x * y, 1);
    const part = (array) => array.subarray(offset, end);
    const scale = name === WITHOUT_GRADIENT ? meanChange(a, before) : undefined;
    const difference = relativeDifference(part(a), part(b), part(before), scale);
    return { name: `next.${state} of ${name}`, parameter: { name, shape }, difference };
  });
  // Two sides that both change nothing agree about nothing.
  const still = a.every((value, i) => value === before[i]);
  const difference = still ? Number.NaN : relativeDifference(a, b, before);
  return [{ name: `next.${state}`, parameter: null, difference }, ...parts];
}

/**
 * One training step from the same state, batch, latents and augmentation on both sides, without and with penalty.
 * Losses, logits, penalties and the change of every weight, moment and average must agree, tensor by tensor.
 * @param forms Forms of the peer's step.
 * @returns the greatest relative difference and of what
 */
export async function assertSameStep(folder, ours, peer, forms) {
  const { layouts, recipe, architecture } = JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
  const wrong = [];
  let worst = { difference: 0, where: "" };
  for (const withPenalty of [false, true]) {
    const { names } = await ours.ask({ do: "check", withPenalty, prefix: "ours" });
    for (const form of forms) {
      const found = await peer.ask({ do: "check", withPenalty, prefix: "peer", form });
      const compare = (tolerance, name, difference) => {
        if (difference > worst.difference) worst = { difference, where: name };
        if (!(difference <= tolerance)) {
          wrong.push(`${name}${withPenalty ? " with penalty" : ""} (${JSON.stringify(form)}): ${difference}`);
        }
      };
      for (const name of names) {
        if (!found.names.includes(name)) throw new Error(`the peer's step gives no ${name}`);
        const state = STATE_NAMES.find((known) => name === `next.${known}`);
        if (state === undefined) {
          compare(
            TOLERANCE,
            name,
            relativeDifference(readFloats(folder, `ours.${name}`), readFloats(folder, `peer.${name}`)),
          );
          continue;
        }
        const images = recipe.batch * (state.startsWith("discriminator") ? 2 : 1);
        for (const { name: part, parameter, difference } of changesOf(folder, layouts, state, "ours", "peer")) {
          const places = parameter && images * pixelsOf(parameter.name, architecture);
          compare(parameter === null ? TOLERANCE : tensorTolerance(parameter.shape[0], places), part, difference);
        }
      }
    }
  }
  if (wrong.length > 0) {
    throw new Error(
      `the training steps differ by more than ${TOLERANCE} (one tensor: ${TENSOR_TOLERANCE} or what rounding explains), relative:\n  ${wrong.join("\n  ")}`,
    );
  }
  return worst;
}

/**
 * In the change of a network in float32, of families whose steps agree in float64 (family-steps.mjs) tensor by tensor. Of `spade`
 * at 64 px ours is 1.2e-5 from the same step in float64, PyTorch 2.15's 1.06e-2 (AVX-512).
 */
const NETWORK_TOLERANCE = 2e-2;

/**
 * One step of each kind of a family from the same numbers in float32 on both sides, in each form of the peer: what was seen, and
 * the change of each vector of the state. Single tensors are compared in float64, where nothing flips (family-steps.mjs).
 * @param forms Forms of the peer's step. @param kinds Number of kinds of step. @param layouts Of both networks.
 * @returns the greatest relative difference and of what
 */
export async function assertSameFamilyStep({ folder, ours, peer, forms, kinds, layouts }) {
  const wrong = [];
  let worst = { difference: 0, where: "" };
  for (let kind = 0; kind < kinds; kind++) {
    const { names } = await ours.ask({ do: "check", kind });
    for (const form of forms) {
      const found = await peer.ask({ do: "check", kind, form });
      for (const name of names) {
        if (!found.names.includes(name)) throw new Error(`the peer's step gives no ${name}`);
        const next = name.startsWith("next.");
        const difference = next
          ? changesOf(folder, layouts, name.slice("next.".length), "ours", "peer")[0].difference
          : relativeDifference(readFloats(folder, `ours.${name}`), readFloats(folder, `peer.${name}`));
        if (difference > worst.difference) worst = { difference, where: name };
        const allowed = next ? NETWORK_TOLERANCE : TOLERANCE;
        if (!(difference <= allowed))
          wrong.push(`${name}, kind ${kind} (${JSON.stringify(form)}): ${difference}, at most ${allowed}`);
      }
    }
  }
  if (wrong.length > 0) throw new Error(`the training steps differ, relative:\n  ${wrong.join("\n  ")}`);
  return worst;
}

/** The same latents and classes give the same images: no byte differs by more than one level of 256. */
export async function assertSameImages(folder, ours, peer, batch) {
  for (const [prefix, child] of Object.entries({ ours, peer })) {
    await child.ask({ do: "images_of", name: `${prefix}.images.u8`, batch });
  }
  const [a, b] = ["ours", "peer"].map((prefix) => readFileSync(join(folder, `${prefix}.images.u8`)));
  const most = a.reduce((top, value, i) => Math.max(top, Math.abs(value - b[i])), 0);
  if (a.length !== b.length || !(most <= 1)) {
    throw new Error(`generated images differ by ${most} levels (${a.length} and ${b.length} bytes)`);
  }
}
