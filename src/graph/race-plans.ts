import { sha256 } from "../core/hash.ts";
import { Rng } from "../core/rng.ts";
import { channelBlock } from "./channel-block.ts";
import {
  type ConvolutionForm,
  type ConvolutionPlans,
  convolutionForms,
  convolutionKey,
  kernelGradientForms,
} from "./onnx/convolution-plans.ts";
import { emitOnnx } from "./onnx/lower.ts";
import * as ops from "./ops.ts";
import { type Model, openModel } from "./runtime.ts";
import { type AnyTensor, sizeOf, type Tensor, topologicalOrder } from "./tensor.ts";

/** Rounds of the race, in which the least time of each form counts, since others on the machine only ever make it longer. */
const ROUNDS = 5;
/** Turns of the fastest against the usual form, one after the other: what slows the machine for a while slows both; all but one are to be won. */
const DUELS = 11;
/** A form replaces the usual one only where it takes less than this share of its time: timing is noisy, forms differ in the last bits. */
const CLEARLY = 0.85;

/** Forms that write more than this for one convolution are not tried: training must fit where timing does. */
const MAX_BYTES = 256 * 2 ** 20;
/** A form that takes so many times the least of the first rounds is timed no more. */
const HOPELESS = 2;

/** One convolution of a graph, on its own. */
interface Convolution {
  readonly key: string;
  readonly forms: readonly ConvolutionForm[];
  readonly y: Tensor;
  readonly inputs: readonly Tensor[];
}

/** How values are transposed by who reads them, by id. */
type Turned = ReadonlyMap<number, readonly number[]>;

/** The kernel of a node as the same transposition of an input that it is in the graph, so that the race moves as much. */
function kernelLike(kernel: Tensor): { kernel: Tensor; stored: Tensor } {
  const node = kernel as AnyTensor;
  if (node.op !== "transpose") {
    const stored = ops.input("kernel", kernel.shape);
    return { kernel: stored, stored };
  }
  const stored = ops.input("kernel", node.inputs[0]!.shape);
  return { kernel: ops.transpose(stored, node.attributes.perm), stored };
}

function convolutionOf(node: AnyTensor, block: number | undefined, turned: Turned): Convolution | null {
  switch (node.op) {
    case "conv2d": {
      const image = ops.input("image", node.inputs[0]!.shape);
      const { kernel, stored } = kernelLike(node.inputs[1]!);
      return {
        key: convolutionKey(node.op, image.shape, kernel.shape, node.attributes),
        forms: convolutionForms(node.op, kernel.shape, node.attributes, block),
        y: ops.conv2d(image, kernel, node.attributes),
        inputs: [image, stored],
      };
    }
    case "conv2dInputGradient": {
      const cotangent = ops.input("cotangent", node.inputs[0]!.shape);
      const { kernel, stored } = kernelLike(node.inputs[1]!);
      const { height, width } = node.attributes;
      return {
        key: convolutionKey(node.op, node.shape, kernel.shape, node.attributes),
        forms: convolutionForms(node.op, kernel.shape, node.attributes, block),
        y: ops.conv2dInputGradient(cotangent, kernel, node.attributes, [height, width]),
        inputs: [cotangent, stored],
      };
    }
    case "conv2dWeightGradient": {
      const [image, cotangent] = [
        ops.input("image", node.inputs[0]!.shape),
        ops.input("cotangent", node.inputs[1]!.shape),
      ];
      const { kernelHeight, kernelWidth } = node.attributes;
      const y = ops.conv2dWeightGradient(image, cotangent, node.attributes, [kernelHeight, kernelWidth]);
      const unfoldedBytes = (form: ConvolutionForm) => {
        const one =
          4 * kernelHeight * kernelWidth * sizeOf(form.startsWith("cotangent") ? cotangent.shape : image.shape);
        if (form.startsWith("both")) {
          return 4 * (kernelWidth * sizeOf(image.shape) + kernelHeight * sizeOf(cotangent.shape));
        }
        // Image by image, groups of them are unfolded that stay in cache.
        return form.endsWith("/batch") ? one : 0;
      };
      const perm = turned.get(node.id);
      return {
        key: convolutionKey(node.op, image.shape, node.shape, node.attributes),
        forms: kernelGradientForms(node.shape, node.attributes).filter((form) => unfoldedBytes(form) <= MAX_BYTES),
        y: perm === undefined ? y : ops.transpose(y, perm),
        inputs: [image, cotangent],
      };
    }
    default:
      return null;
  }
}

interface Runner {
  readonly form: ConvolutionForm;
  readonly model: Model;
  /** Milliseconds. */
  least: number;
}

/** The fastest form, or `usual` where none is clearly faster. */
async function race(
  { key, forms, y, inputs }: Convolution,
  threads: number,
  block: number | undefined,
): Promise<ConvolutionForm> {
  const rng = new Rng("race");
  const feeds = Object.fromEntries(
    inputs.map(({ attributes, shape }) => [
      (attributes as { name: string }).name,
      { data: Float32Array.from({ length: sizeOf(shape) }, () => rng.between(-1, 1)), shape },
    ]),
  );
  const into = { y: { data: new Float32Array(sizeOf(y.shape)), shape: y.shape } };
  const runners: Runner[] = [];
  const time = async ({ model }: Runner) => {
    const started = performance.now();
    await model.run(feeds, into);
    return performance.now() - started;
  };
  try {
    const written = new Set<string>();
    for (const form of ["usual", ...forms] as const) {
      const bytes = emitOnnx({ y }, { channelBlock: block, plans: { [key]: form } });
      // One of the forms is the usual one.
      if (written.has(sha256(bytes))) continue;
      written.add(sha256(bytes));
      runners.push({ form, model: await openModel(bytes, { threads, arena: false }), least: Number.POSITIVE_INFINITY });
    }
    for (let round = 0; round <= ROUNDS; round++) {
      const least = Math.min(...runners.map((runner) => runner.least));
      for (const runner of runners) {
        if (round > 1 && runner.least > HOPELESS * least) continue;
        const taken = await time(runner);
        // The first round warms up.
        if (round > 0) runner.least = Math.min(runner.least, taken);
      }
    }
    const [usual, ...others] = runners;
    const best = others.reduce((a, b) => (b.least < a.least ? b : a));
    if (best.least >= CLEARLY * usual!.least) return "usual";
    const ratios: number[] = [];
    for (let turn = 0; turn < DUELS; turn++) {
      const first = turn % 2 === 0 ? best : usual!;
      const [a, b] = [await time(first), await time(first === best ? usual! : best)];
      ratios.push(first === best ? a / b : b / a);
    }
    ratios.sort((a, b) => a - b);
    const wins = ratios[(DUELS - 1) / 2]! < CLEARLY && ratios[DUELS - 2]! < 1;
    return wins ? best.form : "usual";
  } finally {
    for (const { model } of runners) await model.close();
  }
}

export interface RaceOptions {
  readonly threads: number;
  /** Forms found before, which are not timed again. Defaults to none. */
  readonly known?: ConvolutionPlans;
  /** Told before the first and after each convolution that was timed. Defaults to nobody. */
  readonly onTimed?: (done: number, total: number) => void;
}

/**
 * Times every form of every convolution of a prepared graph on this machine's CPU.
 * @returns The form of each convolution: the known one, `usual` where no other is clearly faster.
 */
export async function racePlans(
  outputs: Readonly<Record<string, Tensor>>,
  { threads, known = {}, onTimed = () => undefined }: RaceOptions,
): Promise<ConvolutionPlans> {
  const block = await channelBlock();
  const order = topologicalOrder(Object.values(outputs));
  const turned = new Map<number, readonly number[]>();
  for (const node of order) if (node.op === "transpose") turned.set(node.inputs[0]!.id, node.attributes.perm);
  const convolutions = new Map<string, Convolution>();
  for (const node of order) {
    const convolution = convolutionOf(node, block, turned);
    if (convolution !== null && !convolutions.has(convolution.key)) convolutions.set(convolution.key, convolution);
  }
  const unknown = [...convolutions.values()].filter(({ key }) => known[key] === undefined);
  const plans = Object.fromEntries([...convolutions.keys()].map((key) => [key, known[key] ?? "usual"]));
  if (unknown.length > 0) onTimed(0, unknown.length);
  for (const [done, convolution] of unknown.entries()) {
    if (convolution.forms.length > 1) plans[convolution.key] = await race(convolution, threads, block);
    onTimed(done + 1, unknown.length);
  }
  return plans;
}
