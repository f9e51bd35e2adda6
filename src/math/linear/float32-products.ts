import { compile, input, matmul, type Program } from "../../graph/index.ts";

/** Dense row-major matrix of float32, length rows * columns. */
export interface Matrix32 {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/** Rows of either side of a tile: the smallest that takes all, else the largest. */
const TILES = [64, 256, 1024] as const;

const tileOf = (rows: number): number => TILES.find((tile) => tile >= rows) ?? TILES[TILES.length - 1]!;

/** A rectangle of products; entry (i, j) is values[i * stride + j], valid during the visit. */
export interface Tile32 {
  readonly rowStart: number;
  readonly rows: number;
  readonly columnStart: number;
  readonly columns: number;
  readonly stride: number;
  readonly values: Float32Array;
}

/**
 * Visits x yᵀ in tiles of float32, for searches that only rank: half the time of float64. Close it, it holds native memory.
 */
export class Float32Products {
  readonly #threads: number;
  readonly #programs = new Map<string, Promise<Program>>();

  /** @param threads Threads inside a product. */
  constructor(threads: number) {
    this.#threads = threads;
  }

  async innerProducts(x: Matrix32, y: Matrix32, visit: (tile: Tile32) => void): Promise<void> {
    const [height, width] = [tileOf(x.rows), tileOf(y.rows)];
    const program = await this.#program(height, width, x.columns);
    const values = new Float32Array(height * width);
    for (let columnStart = 0; columnStart < y.rows; columnStart += width) {
      const columns = Math.min(width, y.rows - columnStart);
      const right = tileRows(y, columnStart, width);
      for (let rowStart = 0; rowStart < x.rows; rowStart += height) {
        const rows = Math.min(height, x.rows - rowStart);
        await program.run({ x: tileRows(x, rowStart, height), y: right }, { out: values });
        visit({ rowStart, rows, columnStart, columns, stride: width, values });
      }
    }
  }

  #program(height: number, width: number, columns: number): Promise<Program> {
    const key = `${height} ${width} ${columns}`;
    let found = this.#programs.get(key);
    if (found === undefined) {
      const out = matmul(input("x", [height, columns]), input("y", [width, columns]), { transposeB: true });
      found = compile({ out }, { threads: this.#threads });
      this.#programs.set(key, found);
    }
    return found;
  }

  async close(): Promise<void> {
    for (const program of this.#programs.values()) await (await program).close();
  }
}

/** Rows of a matrix, filled up with zeros. */
function tileRows({ columns, data }: Matrix32, start: number, height: number): Float32Array {
  const view = data.subarray(start * columns, (start + height) * columns);
  if (view.length === height * columns) return view;
  const padded = new Float32Array(height * columns);
  padded.set(view);
  return padded;
}
