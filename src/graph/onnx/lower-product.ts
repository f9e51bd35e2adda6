import type { OnnxBuilder } from "./builder.ts";

interface Operand {
  readonly name: string;
  readonly rank: number;
}

/** Matrix product over the last two axes, either operand read transposed, in the one node that the device has for it. */
export function lowerProduct(
  b: OnnxBuilder,
  x: Operand,
  y: Operand,
  { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
): string {
  if (!transposeA && !transposeB) return b.node("MatMul", [x.name, y.name]);
  if (b.type === "float32" && b.device !== "webgpu") {
    const flags = { transA: Number(transposeA), transB: Number(transposeB) };
    return b.node("com.microsoft.FusedMatMul", [x.name, y.name], flags);
  }
  // In float64, and on WebGPU, the runtime reads no batch of matrices transposed, but two single ones.
  if (x.rank === 2 && y.rank === 2) {
    return b.node("Gemm", [x.name, y.name], { transA: Number(transposeA), transB: Number(transposeB) });
  }
  const turn = ({ name, rank }: Operand) => {
    const perm = Array.from({ length: rank }, (_, axis) => axis);
    [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
    return b.transpose(name, perm);
  };
  return b.node("MatMul", [transposeA ? turn(x) : x.name, transposeB ? turn(y) : y.name]);
}
