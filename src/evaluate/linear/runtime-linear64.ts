import { add, compile, input, matmul, mul, type Program, reduceSum } from "../../graph/index.ts";
import { type Linear64, type Matrix, matrix, rowsView, type Tile } from "./linear64.ts";

/** Rows and columns of a tile: 512 x 512 float64 (2 MiB) stays in the cache of a core. */
const TILE = 512;
/** Compiled products kept at a time; each shape is one. */
const KEPT = 24;

export interface RuntimeLinearOptions {
  /** Threads inside a product. Defaults to 1. */
  threads?: number;
}

/** `[rows, columns] => [columns, rows]`, in blocks that stay in cache; `scale` multiplies on the way. */
function transposed({ rows, columns, data }: Matrix, scale = 1): Float64Array {
  const out = new Float64Array(rows * columns);
  const block = 16;
  for (let top = 0; top < rows; top += block) {
    const bottom = Math.min(rows, top + block);
    for (let c = 0; c < columns; c++) {
      for (let i = top, to = c * rows + top; i < bottom; i++, to++) out[to] = data[i * columns + c] * scale;
    }
  }
  return out;
}

/**
 * The products of {@link Linear64} on the compiled engine, float64 throughout; memory is a few tiles besides the
 * operands. Close it: compiled products hold native memory.
 */
export function runtimeLinear64(options: RuntimeLinearOptions = {}): Linear64 {
  const threads = options.threads ?? 1;
  const programs = new Map<string, Promise<Program>>();

  const program = (key: string, build: () => Parameters<typeof compile>[0]): Promise<Program> => {
    let found = programs.get(key);
    programs.delete(key);
    found ??= compile(build(), { type: "float64", threads });
    programs.set(key, found);
    if (programs.size > KEPT) {
      const [oldest, unused] = programs.entries().next().value as [string, Promise<Program>];
      programs.delete(oldest);
      void unused.then((p) => p.close());
    }
    return found;
  };

  const product = (rows: number, inner: number, columns: number) =>
    program(`product ${rows} ${inner} ${columns}`, () => ({
      out: matmul(input("x", [rows, inner]), input("y", [inner, columns])),
    }));

  /** Calls `each` for every pair of row and column tile; the right one is transposed once. */
  const tiles = async (
    x: Matrix,
    y: Matrix,
    scale: number,
    each: (left: Matrix, right: Float64Array, at: Omit<Tile, "values">) => Promise<void>,
  ): Promise<void> => {
    for (let columnStart = 0; columnStart < y.rows; columnStart += TILE) {
      const columns = Math.min(TILE, y.rows - columnStart);
      const right = transposed(rowsView(y, columnStart, columns), scale);
      const end = x === y ? columnStart + columns : x.rows;
      for (let rowStart = 0; rowStart < end; rowStart += TILE) {
        const rows = Math.min(TILE, x.rows - rowStart);
        await each(rowsView(x, rowStart, rows), right, { rowStart, rows, columnStart, columns });
      }
    }
  };

  const innerProducts: Linear64["innerProducts"] = (x, y, visit) =>
    tiles(x, y, 1, async (left, right, at) => {
      const compiled = await product(at.rows, x.columns, at.columns);
      const { out } = await compiled.run({ x: left.data, y: right });
      visit({ ...at, values: out as Float64Array });
    });

  return {
    innerProducts,

    async multiplyTransposed(x, y) {
      const out = matrix(x.rows, y.rows);
      await tiles(x, { ...y }, 1, async (left, right, { rowStart, rows, columnStart, columns }) => {
        const compiled = await product(rows, x.columns, columns);
        const values = (await compiled.run({ x: left.data, y: right })).out;
        for (let i = 0; i < rows; i++) {
          out.data.set(values.subarray(i * columns, (i + 1) * columns) as Float64Array, (rowStart + i) * y.rows + columnStart);
        }
      });
      return out;
    },

    async gram(x) {
      const compiled = await program(`gram ${x.rows} ${x.columns}`, () => {
        const features = input("x", [x.rows, x.columns]);
        return { out: matmul(features, features, { transposeA: true }) };
      });
      return matrix(x.columns, x.columns, (await compiled.run({ x: x.data })).out as Float64Array);
    },

    async cubicForms(x, y, u, v) {
      const sums = new Float64Array(u.columns);
      const weights = u.columns;
      await tiles(x, y, 1 / x.columns, async (left, right, { rowStart, rows, columnStart, columns }) => {
        const compiled = await program(`cubic ${rows} ${x.columns} ${columns} ${weights}`, () => {
          const base = add(matmul(input("x", [rows, x.columns]), input("y", [x.columns, columns])), 1);
          const kernel = mul(mul(base, base), base);
          const weighted = mul(matmul(kernel, input("v", [columns, weights])), input("u", [rows, weights]));
          return { out: reduceSum(weighted, [0], false) };
        });
        const { out } = await compiled.run({
          x: left.data,
          y: right,
          u: rowsView(u, rowStart, rows).data,
          v: rowsView(v, columnStart, columns).data,
        });
        const times = x === y && rowStart !== columnStart ? 2 : 1;
        for (let r = 0; r < weights; r++) sums[r] += times * out[r];
      });
      return sums;
    },

    async close() {
      const open = [...programs.values()];
      programs.clear();
      for (const compiled of open) await (await compiled).close();
    },
  };
}
