import { Rng } from "../../core/rng.ts";
import { type Linear64, type Matrix, matrix, rowNorms2 } from "./linear64.ts";

const ROUNDS = 12;

/** Cell of each row: the nearest centre. */
export async function cellsOf(centres: Matrix, rows: Matrix, linear: Linear64): Promise<Int32Array> {
  const products = await linear.multiplyTransposed(rows, centres);
  const norms = rowNorms2(centres);
  return Int32Array.from({ length: rows.rows }, (_, i) => {
    let [best, near] = [0, Number.POSITIVE_INFINITY];
    for (let c = 0; c < centres.rows; c++) {
      const value = norms[c]! - 2 * products.data[i * centres.rows + c]!;
      if (value < near) [best, near] = [c, value];
    }
    return best;
  });
}

/** k centres of a set (Lloyd's k-means from rows drawn at random), seeded. */
export async function cellCentres(x: Matrix, k: number, linear: Linear64, seed: number): Promise<Matrix> {
  const d = x.columns;
  const chosen = new Rng(seed, "cells").shuffle(Int32Array.from({ length: x.rows }, (_, i) => i)).slice(0, k);
  const centres = matrix(chosen.length, d);
  chosen.forEach((row, c) => {
    centres.data.set(x.data.subarray(row * d, (row + 1) * d), c * d);
  });
  for (let round = 0; round < ROUNDS; round++) {
    const cells = await cellsOf(centres, x, linear);
    const counts = new Int32Array(centres.rows);
    for (const cell of cells) counts[cell]!++;
    for (let c = 0; c < centres.rows; c++) if (counts[c]! > 0) centres.data.fill(0, c * d, (c + 1) * d);
    cells.forEach((cell, i) => {
      for (let j = 0; j < d; j++) centres.data[cell * d + j]! += x.data[i * d + j]! / counts[cell]!;
    });
  }
  return centres;
}
