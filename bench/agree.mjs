// Whether both sides compute the same: asserted before anything is timed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { STATE_NAMES } from "../dist/model/index.js";

/** Relative difference that two float32 libraries may have in losses, logits, and the change of a whole network. */
const TOLERANCE = 1e-3;
/** In the change of one tensor: a value that rounds to the other side of a rectifier's kink moves all behind it a little. */
const TENSOR_TOLERANCE = 1e-2;

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
function relativeDifference(a, b, before, scale) {
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
 * One training step from the same state, batch, latents and augmentation on both sides, without and with penalty.
 * Losses, logits, penalties and the change of every weight, moment and average must agree, tensor by tensor.
 * @param forms Forms of the peer's step.
 * @returns the greatest relative difference and of what
 */
export async function assertSameStep(folder, ours, peer, forms) {
  const { layouts } = JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
  const wrong = [];
  let worst = { difference: 0, where: "" };
  for (const withPenalty of [false, true]) {
    const { names } = await ours.ask({ do: "check", withPenalty, prefix: "ours" });
    for (const form of forms) {
      const found = await peer.ask({ do: "check", withPenalty, prefix: "peer", form });
      const compare = (tolerance, name, ...arrays) => {
        const difference = relativeDifference(...arrays);
        if (difference > worst.difference) worst = { difference, where: name };
        if (!(difference <= tolerance)) {
          wrong.push(`${name}${withPenalty ? " with penalty" : ""} (${JSON.stringify(form)}): ${difference}`);
        }
      };
      for (const name of names) {
        if (!found.names.includes(name)) throw new Error(`the peer's step gives no ${name}`);
        const [a, b] = [readFloats(folder, `ours.${name}`), readFloats(folder, `peer.${name}`)];
        const state = STATE_NAMES.find((known) => name === `next.${known}`);
        if (state === undefined) {
          compare(TOLERANCE, name, a, b);
          continue;
        }
        const before = readFloats(folder, `check.${state}`);
        compare(TOLERANCE, name, a, b, before);
        for (const parameter of layouts[state.startsWith("discriminator") ? "discriminator" : "generator"]) {
          const end = parameter.offset + parameter.shape.reduce((x, y) => x * y, 1);
          const part = (array) => array.subarray(parameter.offset, end);
          const scale = parameter.name === WITHOUT_GRADIENT ? meanChange(a, before) : undefined;
          compare(TENSOR_TOLERANCE, `${name} of ${parameter.name}`, part(a), part(b), part(before), scale);
        }
      }
    }
  }
  if (wrong.length > 0) {
    throw new Error(
      `the training steps differ by more than ${TOLERANCE} (one tensor: ${TENSOR_TOLERANCE}), relative:\n  ${wrong.join("\n  ")}`,
    );
  }
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
