import { GanglionError } from "../core/errors.ts";
import { channelBlock } from "./channel-block.ts";
import type { FloatType } from "./onnx/builder.ts";
import type { ConvolutionPlans } from "./onnx/convolution-plans.ts";
import { emitOnnx } from "./onnx/lower.ts";
import { type DeviceValue, type ModelOptions, openModel, type Value } from "./runtime.ts";
import { simplify } from "./simplify.ts";
import { slopeByActivation } from "./slope-by-activation.ts";
import { type Shape, sizeOf, type Tensor, topologicalOrder } from "./tensor.ts";
import { verify } from "./verify.ts";

export interface CompileOptions extends ModelOptions {
  /** Element type of the arithmetic. Defaults to `float32`. */
  type?: FloatType;
  /** Lets convolutions on the CPU use the runtime's blocked layout for this processor. Defaults to true. */
  blockedLayout?: boolean;
  /** Convolutions compute in float16. Defaults to false. */
  halfConvolutions?: boolean;
  /** Forms of convolutions that were found fastest (`racePlans`). Defaults to none. */
  plans?: ConvolutionPlans;
  /** Names what nodes of the simplified graph belong to, by id, for a profile. Defaults to none. */
  labels?: (outputs: Readonly<Record<string, Tensor>>) => ReadonlyMap<number, string>;
}

export type Numbers = Float32Array | Float64Array;

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
  /**
   * Runs the graph once; outputs that were named `resident` stay in device memory.
   * @param feeds Arrays, or what an earlier run left in device memory.
   * @throws GanglionError `graph` when an input is missing or has another size
   */
  runResident(
    feeds: Readonly<Record<string, Numbers | DeviceValue>>,
  ): Promise<{ host: Record<string, Numbers>; device: Record<string, DeviceValue> }>;
  close(): Promise<void>;
}

/** The graph after simplification, verified before and after. */
export function prepare(outputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const names = Object.keys(outputs);
  verify(Object.values(outputs));
  const simplified = simplify(Object.values(outputs), slopeByActivation());
  verify(simplified);
  return Object.fromEntries(names.map((name, i) => [name, simplified[i]!]));
}

const numbersOf = (values: Readonly<Record<string, Value>>): Record<string, Numbers> =>
  Object.fromEntries(Object.entries(values).map(([name, { data }]) => [name, data]));

/** Verifies, simplifies, lowers and loads a graph. */
export async function compile(
  outputs: Readonly<Record<string, Tensor>>,
  options: CompileOptions = {},
): Promise<Program> {
  const { type = "float32", blockedLayout = true, halfConvolutions = false, plans, labels, ...modelOptions } = options;
  const { device = "cpu" } = modelOptions;
  const prepared = prepare(outputs);
  const order = topologicalOrder(Object.values(prepared));
  const inputs: Record<string, Shape> = {};
  for (const node of order) if (node.op === "input") inputs[node.attributes.name] = node.shape;
  const shapes = Object.fromEntries(Object.entries(outputs).map(([name, t]) => [name, t.shape]));
  const convolves = order.some((node) => node.op.startsWith("conv2d"));
  const blocks = blockedLayout && convolves && type === "float32" && device === "cpu" && !halfConvolutions;
  const block = blocks ? await channelBlock() : undefined;
  const model = await openModel(
    emitOnnx(prepared, { type, device, channelBlock: block, plans, halfConvolutions, labels: labels?.(prepared) }),
    modelOptions,
  );

  const checkedValue = (name: string, shape: Shape, data: Numbers | undefined): Value => {
    if (data === undefined || data.length !== sizeOf(shape)) {
      const got = data === undefined ? "nothing" : `${data.length} numbers`;
      throw new GanglionError("graph", `run: ${name} of shape [${shape}] got ${got}`);
    }
    return { data, shape };
  };
  const checked = (name: string, shape: Shape, given: Numbers | DeviceValue | undefined): Value | DeviceValue =>
    given !== undefined && "tensor" in given ? given : checkedValue(name, shape, given);

  return {
    inputs,
    outputs: shapes,
    nodes: order.length,
    async run(feeds, into = {}) {
      const given = Object.entries(inputs).map(
        ([name, shape]) => [name, checkedValue(name, shape, feeds[name])] as const,
      );
      const kept = Object.entries(into).map(([name, data]) => [name, checkedValue(name, shapes[name]!, data)] as const);
      return numbersOf(await model.run(Object.fromEntries(given), Object.fromEntries(kept)));
    },
    async runResident(feeds) {
      const given = Object.entries(inputs).map(([name, shape]) => [name, checked(name, shape, feeds[name])] as const);
      const { host, device } = await model.runResident(Object.fromEntries(given));
      return { host: numbersOf(host), device };
    },
    close: () => model.close(),
  };
}
