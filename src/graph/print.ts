import { type OpName, type Tensor, topologicalOrder } from "./tensor.ts";

const LONGEST_LIST = 8;

function formatValue(value: unknown): string {
  if (typeof value === "object" && value !== null && "length" in value) {
    const items = Array.from(value as ArrayLike<number>);
    const shown = items.slice(0, LONGEST_LIST).map((n) => String(n));
    if (items.length > LONGEST_LIST) shown.push(`... ${items.length} numbers`);
    return `[${shown.join(",")}]`;
  }
  return String(value);
}

/** One node as text: `%3 : [2,8] = matmul(%0, %1) {transposeA=false, transposeB=true}`. */
export function formatNode<K extends OpName>(node: Tensor<K>, names: ReadonlyMap<number, string>): string {
  const nameOf = (t: Tensor) => names.get(t.id) ?? `%?${t.id}`;
  const attributes = Object.entries(node.attributes)
    .filter(([key]) => key !== "shape")
    .map(([key, value]) => `${key}=${formatValue(value)}`);
  const tail = attributes.length === 0 ? "" : ` {${attributes.join(", ")}}`;
  return `${nameOf(node)} : [${node.shape}] = ${node.op}(${node.inputs.map(nameOf).join(", ")})${tail}`;
}

/** A graph as text: one line a node in evaluation order, then the outputs by name. */
export function print(outputs: Readonly<Record<string, Tensor>>): string {
  const order = topologicalOrder(Object.values(outputs));
  const names = new Map(order.map((node, position) => [node.id, `%${position}`]));
  const lines = order.map((node) => formatNode(node as Tensor, names));
  for (const [name, node] of Object.entries(outputs)) lines.push(`return ${name} = ${names.get(node.id)}`);
  return lines.join("\n");
}
