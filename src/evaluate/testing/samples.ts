import { type Matrix, matrix } from "../../math/linear/linear64.ts";

/** The inputs of the shared reference file, by its own rule: Park-Miller uniforms, Box-Muller cosine branch. */
export function parkMillerNormal(n: number, d: number, seed: number, scale = 1, shift = 0): Matrix {
  const modulus = 2147483647;
  let state = seed;
  const uniform = () => {
    state = (48271 * state) % modulus;
    return state / modulus;
  };
  const out = matrix(n, d);
  for (let i = 0; i < out.data.length; i++) {
    const first = uniform();
    const second = uniform();
    out.data[i] = Math.sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * second) * scale + shift;
  }
  return out;
}
