import { gradient } from "./gradient.ts";
import { add, broadcastTo, concat, matmul, pad, reduceSum, reshape, slice, sumAll, transpose } from "./ops.ts";
import { type AnyTensor, type ConvGeometry, graphError, type Tensor, topologicalOrder } from "./tensor.ts";

/**
 * Gradients of the loss of each sample by itself, from one backward pass.
 *
 * The gradient of the sum of all losses ends, at each weight, in sums over the batch; what is summed there is each
 * sample's own gradient, if no operation before mixed samples. The pass is built as always, then its last sums are
 * undone; that nothing mixes is checked of every node, not assumed. Losses may hold gradients themselves (a penalty).
 * @param losses One number a sample, [N].
 * @param wrt Weights that all samples share.
 * @param samples Inputs that hold a sample in each row of their first axis, N rows.
 * @returns For each of `wrt`, of shape S, its gradients [N, ...S].
 * @throws GanglionError `graph` when samples meet in some operation, or a sum over them is of a kind that is not known here
 */
export function perSampleGradient(losses: Tensor, wrt: readonly Tensor[], samples: readonly Tensor[]): Tensor[] {
  const [count] = losses.shape;
  if (losses.shape.length !== 1) throw graphError("perSampleGradient", `losses [${losses.shape}] are not one a sample`);
  const sums = gradient(sumAll(losses), wrt);
  const rows = rowsApart([losses, ...sums], count!, samples, wrt);
  if (rows.get(losses.id) !== "apart") throw graphError("perSampleGradient", "the losses do not keep samples apart");
  const known = new Map<number, Tensor>();
  return sums.map((sum) => undoSum(sum as AnyTensor, count!, rows, known));
}

/** `apart`: row i depends on sample i alone. `shared`: on no sample. `mixed`: anything else. */
type Rows = "shared" | "apart" | "mixed";

function rowsApart(
  outputs: readonly Tensor[],
  count: number,
  samples: readonly Tensor[],
  wrt: readonly Tensor[],
): ReadonlyMap<number, Rows> {
  const rows = new Map<number, Rows>();
  for (const t of samples) {
    if (t.shape[0] !== count) throw graphError("perSampleGradient", `samples [${t.shape}] are not ${count} rows`);
    rows.set(t.id, "apart");
  }
  for (const t of wrt) rows.set(t.id, "shared");
  for (const node of topologicalOrder(outputs)) if (!rows.has(node.id)) rows.set(node.id, kindOf(node, count, rows));
  return rows;
}

function kindOf(node: AnyTensor, count: number, rows: ReadonlyMap<number, Rows>): Rows {
  const kinds = node.inputs.map((t) => rows.get(t.id)!);
  if (kinds.every((kind) => kind === "shared")) return "shared";
  if (kinds.includes("mixed")) return "mixed";
  const apart = keepsRows(node, kinds) && node.shape[0] === count;
  return apart ? "apart" : "mixed";
}

/** Whether row i of the value depends on row i of those inputs that are apart, and on the shared ones. */
function keepsRows(node: AnyTensor, kinds: readonly Rows[]): boolean {
  const [x] = node.inputs;
  const rank = node.shape.length;
  switch (node.op) {
    case "neg":
    case "exp":
    case "log":
    case "sqrt":
    case "tanh":
    case "sigmoid":
    case "softplus":
    case "leakyRelu":
    case "leakySlope":
    case "filter":
    case "upsample":
    case "sumPool":
      return true;
    case "logSoftmax":
      return rank > 1;
    case "add":
    case "sub":
    case "mul":
    case "div":
      // Rows that are apart lie along the first axis of the value only if they have all its axes.
      return node.inputs.every((t, i) => kinds[i] === "shared" || t.shape.length === rank);
    case "reshape":
    case "broadcastTo":
      return x!.shape[0] === node.shape[0] && (node.op === "reshape" || x!.shape.length === rank);
    case "transpose":
      return node.attributes.perm[0] === 0;
    case "slice":
      return node.attributes.sizes[0] === x!.shape[0];
    case "pad":
      return node.attributes.before[0] === 0 && node.attributes.after[0] === 0;
    case "concat":
      return node.attributes.axis !== 0;
    case "reduceSum":
      return !node.attributes.axes.includes(0);
    case "matmul": {
      // A matrix alone has rows that may be apart only on the left; of stacks of matrices the first axis is not touched.
      const { transposeA } = node.attributes;
      const [a, b] = node.inputs;
      const left = kinds[0] === "shared" || (a!.shape.length === rank && (rank > 2 || !transposeA));
      const right = kinds[1] === "shared" || (b!.shape.length === rank && rank > 2);
      return left && right;
    }
    case "conv2d":
    case "conv2dInputGradient":
      return kinds.slice(1).every((kind) => kind === "shared");
    default:
      return false;
  }
}

/** What the sum over samples is the sum of: [N, ...S] for a value of shape S. */
function undoSum(sum: AnyTensor, count: number, rows: ReadonlyMap<number, Rows>, known: Map<number, Tensor>): Tensor {
  const found = known.get(sum.id);
  if (found !== undefined) return found;
  const parts = () => sum.inputs.map((t) => undoSum(t as AnyTensor, count, rows, known));
  const made = undone(sum, count, rows, parts);
  known.set(sum.id, made);
  return made;
}

function undone(
  sum: AnyTensor,
  count: number,
  rows: ReadonlyMap<number, Rows>,
  parts: () => readonly Tensor[],
): Tensor {
  const kinds = sum.inputs.map((t) => rows.get(t.id)!);
  // A product over the batch pairs rows: those of one operand may be the same for all samples (cotangents of ones).
  const paired = kinds.includes("apart") && !kinds.includes("mixed");
  const shape = [count, ...sum.shape];
  const [x, y] = sum.inputs;
  switch (sum.op) {
    // Zeros: no loss depends on this weight.
    case "broadcastTo":
      if (
        (x as AnyTensor).op === "constant" &&
        (x as Tensor<"constant">).attributes.data.every((value) => value === 0)
      ) {
        return broadcastTo(x!, shape);
      }
      break;
    case "reduceSum": {
      const { axes } = sum.attributes;
      if (kinds[0] === "apart" && axes.includes(0)) {
        return reshape(
          reduceSum(
            x!,
            axes.filter((axis) => axis !== 0),
          ),
          shape,
        );
      }
      return reduceSum(
        parts()[0]!,
        axes.map((axis) => axis + 1),
      );
    }
    case "matmul": {
      const { transposeA, transposeB } = sum.attributes;
      if (!paired || x!.shape.length !== 2 || y!.shape.length !== 2 || !transposeA || transposeB) break;
      return matmul(reshape(x!, [count, x!.shape[1]!, 1]), reshape(y!, [count, 1, y!.shape[1]!]));
    }
    case "conv2dWeightGradient":
      if (!paired) break;
      return kernelGradients(x!, y!, sum.attributes, sum.shape.slice(2));
    case "add": {
      const [a, b] = parts() as readonly AnyTensor[];
      // Sums are cheaper before their common transposition, and what follows can skip it.
      if (a!.op === "transpose" && b!.op === "transpose" && `${a.attributes.perm}` === `${b.attributes.perm}`) {
        return transpose(add(a.inputs[0]!, b.inputs[0]!), a.attributes.perm);
      }
      return add(a as Tensor, b as Tensor);
    }
    case "reshape":
      return reshape(parts()[0]!, shape);
    case "transpose":
      return transpose(parts()[0]!, [0, ...sum.attributes.perm.map((axis) => axis + 1)]);
    default:
  }
  throw graphError("perSampleGradient", `${sum.op} [${sum.shape}] is not a sum over samples that can be undone`);
}

/**
 * Gradient of each image to the kernel: x [N,C,H,W], dy [N,O,H',W'] => [N,O,C,KH,KW], one matrix product an image of its
 * cotangent and its windows. Stride 1.
 */
function kernelGradients(
  x: Tensor,
  dy: Tensor,
  { stride, padding }: ConvGeometry,
  [kernelHeight, kernelWidth]: readonly number[],
): Tensor {
  if (stride !== 1) throw graphError("perSampleGradient", `convolutions of stride ${stride} are not undone, only 1`);
  const [count, channels] = x.shape;
  const [, features, height, width] = dy.shape;
  const padded = pad(x, [0, 0, padding, padding], [0, 0, padding, padding]);
  const windows: Tensor[] = [];
  for (let ky = 0; ky < kernelHeight!; ky++) {
    for (let kx = 0; kx < kernelWidth!; kx++) {
      windows.push(slice(padded, [0, 0, ky, kx], [count!, channels!, height!, width!]));
    }
  }
  const taps = kernelHeight! * kernelWidth!;
  const columns = reshape(concat(windows, 1), [count!, taps * channels!, height! * width!]);
  const product = matmul(reshape(dy, [count!, features!, height! * width!]), columns, { transposeB: true });
  const apart = reshape(product, [count!, features!, kernelHeight!, kernelWidth!, channels!]);
  return transpose(apart, [0, 1, 4, 2, 3]);
}
