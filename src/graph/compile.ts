import { GanglionError } from "../core/errors.ts";
import { channelBlock } from "./channel-block.ts";
import type { FloatType } from "./onnx/builder.ts";
import { emitOnnx } from "./onnx/lower.ts";
import { type ModelOptions, openModel, type Value } from "./runtime.ts";
import { simplify } from "./simplify.ts";
import { type Shape, sizeOf, type Tensor, topologicalOrder } from "./tensor.ts";
import { verify } from "./verify.ts";

export interface CompileOptions extends ModelOptions {
  /** Element type of the arithmetic. Defaults to `float32`. */
  type?: FloatType;
  /** Lets convolutions use the runtime's blocked layout for this processor. Defaults to true. */
  blockedLayout?: boolean;
  /** Names what nodes of the simplified graph belong to, by id, for a profile. Defaults to none. */
  labels?: (outputs: Readonly<Record<string, Tensor>>) => ReadonlyMap<number, string>;
}

type Numbers = Float32Array | Float64Array;

/** A graph that is ready to run. Close it: it holds native memory. */
export interface Program {
  /** Shape of each input by name. */
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly outputs: Readonly<Record<string, Shape>>;
  /** Nodes after simplification. */
  readonly nodes: number;
  /**
   * Runs the graph once; arrays are row-major and of the program's element type.
   * @param into Arrays that receive outputs by name instead of new ones.
   * @throws GanglionError `graph` when an input is missing or has another size
   */
  run(
    feeds: Readonly<Record<string, Numbers>>,
    into?: Readonly<Record<string, Numbers>>,
  ): Promise<Record<string, Numbers>>;
  close(): Promise<void>;
}

/** The graph after simplification, verified before and after. */
export function prepare(outputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const names = Object.keys(outputs);
  verify(Object.values(outputs));
  const simplified = simplify(Object.values(outputs));
  verify(simplified);
  return Object.fromEntries(names.map((name, i) => [name, simplified[i]]));
}

/** Verifies, simplifies, lowers and loads a graph. */
export async function compile(
  outputs: Readonly<Record<string, Tensor>>,
  options: CompileOptions = {},
): Promise<Program> {
  const { type = "float32", blockedLayout = true, labels, ...modelOptions } = options;
  const prepared = prepare(outputs);
  const order = topologicalOrder(Object.values(prepared));
  const inputs: Record<string, Shape> = {};
  for (const node of order) if (node.op === "input") inputs[node.attributes.name] = node.shape;
  const shapes = Object.fromEntries(Object.entries(outputs).map(([name, t]) => [name, t.shape]));
  const convolves = order.some((node) => node.op.startsWith("conv2d"));
  const block = blockedLayout && convolves && type === "float32" ? await channelBlock() : undefined;
  const model = await openModel(
    emitOnnx(prepared, { type, channelBlock: block, labels: labels?.(prepared) }),
    modelOptions,
  );

  const checkedValue = (name: string, shape: Shape, data: Numbers | undefined): Value => {
    if (data === undefined || data.length !== sizeOf(shape)) {
      const got = data === undefined ? "nothing" : `${data.length} numbers`;
      throw new GanglionError("graph", `run: ${name} of shape [${shape}] got ${got}`);
    }
    return { data, shape };
  };

  return {
    inputs,
    outputs: shapes,
    nodes: order.length,
    async run(feeds, into = {}) {
      const given = Object.entries(inputs).map(
        ([name, shape]) => [name, checkedValue(name, shape, feeds[name])] as const,
      );
      const kept = Object.entries(into).map(([name, data]) => [name, checkedValue(name, shapes[name], data)] as const);
      const results = await model.run(Object.fromEntries(given), Object.fromEntries(kept));
      return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, value.data]));
    },
    close: () => model.close(),
  };
}
