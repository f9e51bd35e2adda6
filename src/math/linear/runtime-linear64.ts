import { invariant } from "../../core/errors.ts";
import {
  add,
  compile,
  concat,
  input,
  matmul,
  mul,
  type Program,
  reduceSum,
  slice,
  sub,
  type Tensor,
  transpose,
} from "../../graph/index.ts";
import { type Linear64, type Matrix, matrix, type ProductOptions, type Tile } from "./linear64.ts";

/** Most rows and columns of a tile: 1024 x 1024 float64 (8 MiB); half as many take a tenth to a quarter longer. */
const TILE = 1024;
/** Most rows of a step of second moments. */
const MOMENT_ROWS = 2048;
/** Columns of a block of a product that is its own transpose. */
const SYMMETRIC_BLOCK = 128;

/** xᵀ x, [n,d] => [d,d], in blocks on and above the diagonal; those below are copies. */
function symmetricProduct(x: Tensor): Tensor {
  const [n, d] = x.shape;
  const parts: Tensor[] = [];
  for (let start = 0; start < d!; start += SYMMETRIC_BLOCK) {
    parts.push(slice(x, [0, start], [n!, Math.min(SYMMETRIC_BLOCK, d! - start)]));
  }
  const blocks: Tensor[][] = parts.map(() => []);
  parts.forEach((left, row) => {
    for (let column = row; column < parts.length; column++) {
      const block = matmul(left, parts[column]!, { transposeA: true });
      blocks[row]![column] = block;
      if (column > row) blocks[column]![row] = transpose(block, [1, 0]);
    }
  });
  return concat(
    blocks.map((row) => concat(row, 1)),
    0,
  );
}

/** Compiled products kept at a time; each shape is one. */
const KEPT = 8;

export interface RuntimeLinearOptions {
  /** Threads inside a product. Defaults to 1. */
  threads?: number;
}

/** Height of the tiles that cut n rows into equal parts of at most `most`; the last part is filled up. */
const tileHeight = (n: number, most = TILE): number => Math.ceil(n / Math.ceil(n / most));

/** Rows start..start+height of a matrix; beyond its end `filler` (zeros). Shares the data where nothing is beyond. */
function tileRows({ rows, columns, data }: Matrix, start: number, height: number, filler?: Float64Array): Float64Array {
  const view = data.subarray(start * columns, Math.min(rows, start + height) * columns);
  if (view.length === height * columns) return view;
  const padded = new Float64Array(height * columns);
  padded.set(view);
  if (filler !== undefined) for (let at = view.length; at < padded.length; at += columns) padded.set(filler, at);
  return padded;
}

/** Where a tile lies; heights and widths count the zeros at the end. */
interface Place extends Omit<Tile, "values" | "stride"> {
  readonly height: number;
  readonly width: number;
}

/**
 * The products of {@link Linear64} on the compiled engine, float64 throughout; memory is a few tiles besides the
 * operands. All tiles of one product have one shape, so that one compiled program serves them. Close it: compiled
 * products hold native memory.
 */
export function runtimeLinear64(options: RuntimeLinearOptions = {}): Linear64 {
  const threads = options.threads ?? 1;
  const programs = new Map<string, Program>();

  const program = async (key: string, build: () => Parameters<typeof compile>[0]): Promise<Program> => {
    const found = programs.get(key) ?? (await compile(build(), { type: "float64", threads }));
    programs.delete(key);
    programs.set(key, found);
    if (programs.size > KEPT) {
      const [oldest, unused] = programs.entries().next().value as [string, Program];
      programs.delete(oldest);
      await unused.close();
    }
    return found;
  };

  /** Calls `each` for every pair of row and column tile. */
  const tiles = async (
    x: Matrix,
    y: Matrix,
    { symmetric = false }: ProductOptions,
    each: (left: Float64Array, right: Float64Array, place: Place) => Promise<void>,
  ): Promise<void> => {
    invariant(!symmetric || x === y, "a symmetric product is of one matrix");
    const height = tileHeight(x.rows);
    const width = tileHeight(y.rows);
    for (let columnStart = 0; columnStart < y.rows; columnStart += width) {
      const columns = Math.min(width, y.rows - columnStart);
      const right = tileRows(y, columnStart, width);
      const end = symmetric ? columnStart + columns : x.rows;
      for (let rowStart = 0; rowStart < end; rowStart += height) {
        const rows = Math.min(height, x.rows - rowStart);
        await each(tileRows(x, rowStart, height), right, { rowStart, rows, height, columnStart, columns, width });
      }
    }
  };

  const innerProducts: Linear64["innerProducts"] = async (x, y, visit, options = {}) => {
    const [height, width] = [tileHeight(x.rows), tileHeight(y.rows)];
    const product = await program(`product ${height} ${x.columns} ${width}`, () => ({
      out: matmul(input("x", [height, x.columns]), input("y", [width, x.columns]), { transposeB: true }),
    }));
    const values = new Float64Array(height * width);
    await tiles(x, y, options, async (left, right, { rowStart, rows, columnStart, columns }) => {
      await product.run({ x: left, y: right }, { out: values });
      visit({ rowStart, rows, columnStart, columns, stride: width, values });
    });
  };

  return {
    innerProducts,

    async multiplyTransposed(x, y) {
      const out = matrix(x.rows, y.rows);
      await innerProducts(x, y, ({ rowStart, rows, columnStart, columns, stride, values }) => {
        for (let i = 0; i < rows; i++) {
          const row = values.subarray(i * stride, i * stride + columns);
          out.data.set(row, (rowStart + i) * y.rows + columnStart);
        }
      });
      return out;
    },

    async moments(x, centre) {
      const d = x.columns;
      const height = tileHeight(x.rows, MOMENT_ROWS);
      const product = await program(`moments ${height} ${d}`, () => {
        const rows = sub(input("x", [height, d]), input("centre", [1, d]));
        return { out: add(symmetricProduct(rows), input("sum", [d, d])) };
      });
      let sum = new Float64Array(d * d);
      let next = new Float64Array(d * d);
      for (let start = 0; start < x.rows; start += height) {
        const rows = tileRows(x, start, height, centre);
        await product.run({ x: rows, centre, sum }, { out: next });
        [sum, next] = [next, sum];
      }
      return matrix(d, d, sum);
    },

    async cubicForms(x, y, u, v, options = {}) {
      const { symmetric = false } = options;
      invariant(!symmetric || u === v, "a symmetric form has one set of weights");
      const [height, width, d, weights] = [tileHeight(x.rows), tileHeight(y.rows), x.columns, u.columns];
      const form = await program(`cubic ${height} ${d} ${width} ${weights}`, () => {
        const products = matmul(input("x", [height, d]), input("y", [width, d]), { transposeB: true });
        const base = add(mul(products, 1 / d), 1);
        const kernel = mul(mul(base, base), base);
        const weighted = mul(matmul(kernel, input("v", [width, weights])), input("u", [height, weights]));
        return { out: reduceSum(weighted, [0], false) };
      });
      const sums = new Float64Array(weights);
      await tiles(x, y, options, async (left, right, { rowStart, columnStart }) => {
        const { out } = await form.run({
          x: left,
          y: right,
          u: tileRows(u, rowStart, height),
          v: tileRows(v, columnStart, width),
        });
        const times = symmetric && rowStart !== columnStart ? 2 : 1;
        for (let r = 0; r < weights; r++) sums[r]! += times * out![r]!;
      });
      return sums;
    },

    async close() {
      const open = [...programs.values()];
      programs.clear();
      for (const compiled of open) await compiled.close();
    },
  };
}
