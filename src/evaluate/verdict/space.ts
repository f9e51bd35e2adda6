import { robustScale, scaled } from "../../features/multiscale/robust-scale.ts";
import { cellCentres, cellsOf } from "../../math/linear/k-means.ts";
import { centred, type Linear64, type Matrix, matrix, rowNorms2 } from "../../math/linear/linear64.ts";
import { principalAxes } from "../../math/linear/principal-axes.ts";

/** Most axes that features are described by. */
const AXES = 64;

/** Kinds that real images are divided into, to see whether all occur. */
export const MODES = 8;

/** Where features of one extractor are compared for the verdict. */
export interface Space {
  /** Numbers of an image there. */
  readonly dimension: number;
  /**
   * Every feature in robust deviations, `[n,d]` => `[n,d]`: axes that real images choose lie nearer to them than to others, so
   * that real images which chose none seem to be of other kinds.
   */
  level(features: Matrix): Matrix;
  /** Features `[n,d]` => coordinates `[n,dimension]`. */
  place(features: Matrix): Promise<Matrix>;
  /** Which of {@link MODES} kinds of real images each image is nearest to. @param places `[n,dimension]` */
  modeOf(places: Matrix): Promise<Int32Array>;
}

/**
 * The space of the verdict, made from real images alone: every feature in robust deviations over them, far ones on a
 * logarithmic scale, so that no feature's unit and no single image decides; then the {@link AXES} axes of largest variance,
 * and as the last coordinate how far an image lies from them all, because what real images never do shows there.
 * @param real `[n,d]`, n >= 2
 */
export async function comparisonSpace(real: Matrix, linear: Linear64): Promise<Space> {
  const d = real.columns;
  const scale = robustScale({ n: real.rows, d, data: real.data });
  const level = ({ rows, data }: Matrix): Matrix => matrix(rows, d, scaled({ n: rows, d, data }, scale).data);
  const { mean, axes } = await principalAxes(level(real), AXES, linear);
  const k = axes.rows;
  const place = async (features: Matrix): Promise<Matrix> => {
    const rows = centred(level(features), mean);
    const along = await linear.multiplyTransposed(rows, axes);
    const [whole, held] = [rowNorms2(rows), rowNorms2(along)];
    const out = matrix(rows.rows, k + 1);
    for (let i = 0; i < rows.rows; i++) {
      out.data.set(along.data.subarray(i * k, (i + 1) * k), i * (k + 1));
      out.data[i * (k + 1) + k] = Math.sqrt(Math.max(0, whole[i]! - held[i]!));
    }
    return out;
  };
  const centres = await cellCentres(await place(real), MODES, linear, 0);
  return { dimension: k + 1, level, place, modeOf: (places) => cellsOf(centres, places, linear) };
}
