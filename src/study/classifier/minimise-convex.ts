/** A smooth convex function: its value at x, its gradient there written into the second argument. */
export type SmoothFunction = (x: Float64Array, gradient: Float64Array) => number;

export interface MinimiseOptions {
  /** Greatest entry of the gradient at which the minimum counts as reached. Defaults to 1e-7. */
  readonly tolerance?: number;
  /** Steps at most. Defaults to 500. */
  readonly steps?: number;
  /** Applies an approximate inverse of the second derivatives in place. Defaults to the identity. */
  readonly precondition?: (direction: Float64Array) => void;
}

/** Pairs of steps and changes of the gradient that are kept. */
const MEMORY = 12;

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** y += a x */
const addScaled = (y: Float64Array, a: number, x: Float64Array): void => {
  for (let i = 0; i < y.length; i++) y[i]! += a * x[i]!;
};

const greatest = (x: Float64Array): number => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly curvature: number;
}

/** The two loops of L-BFGS (Nocedal and Wright, 2nd ed., algorithm 7.4): minus the direction of descent, in place. */
function applyInverse(pairs: readonly Pair[], precondition: (x: Float64Array) => void, x: Float64Array): void {
  const along: number[] = [];
  for (let i = pairs.length - 1; i >= 0; i--) {
    along[i] = dot(pairs[i]!.step, x) / pairs[i]!.curvature;
    addScaled(x, -along[i]!, pairs[i]!.change);
  }
  const last = pairs[pairs.length - 1];
  let scale = 1;
  if (last !== undefined) {
    const mapped = last.change.slice();
    precondition(mapped);
    scale = last.curvature / dot(last.change, mapped);
  }
  precondition(x);
  for (let i = 0; i < x.length; i++) x[i]! *= scale;
  pairs.forEach(({ step, change, curvature }, i) => {
    addScaled(x, along[i]! - dot(change, x) / curvature, step);
  });
}

/**
 * Minimum of a smooth convex function by L-BFGS with a preconditioner; steps are halved until the function falls as Armijo
 * asks (Nocedal and Wright, 2nd ed., sections 3.1 and 7.2). Stops early where rounding lets it fall no further.
 * @param x Where to begin; the minimum afterwards.
 * @returns the greatest entry of the gradient there
 */
export function minimiseConvex(f: SmoothFunction, x: Float64Array, options: MinimiseOptions = {}): number {
  const { tolerance = 1e-7, steps = 500, precondition = () => undefined } = options;
  let gradient = new Float64Array(x.length);
  let value = f(x, gradient);
  const pairs: Pair[] = [];
  for (let step = 0; step < steps && greatest(gradient) > tolerance; step++) {
    const direction = gradient.slice();
    applyInverse(pairs, precondition, direction);
    const slope = -dot(direction, gradient);
    const next = new Float64Array(x.length);
    const nextGradient = new Float64Array(x.length);
    let length = 1;
    let found = Number.NaN;
    for (; length > 1e-10; length /= 2) {
      next.set(x);
      addScaled(next, -length, direction);
      found = f(next, nextGradient);
      if (found <= value + 1e-4 * length * slope) break;
    }
    if (!(found < value)) break;
    for (let i = 0; i < x.length; i++) direction[i] = next[i]! - x[i]!;
    const change = nextGradient.map((g, i) => g - gradient[i]!);
    const curvature = dot(direction, change);
    if (curvature > 0) pairs.push({ step: direction, change, curvature });
    if (pairs.length > MEMORY) pairs.shift();
    x.set(next);
    gradient = nextGradient;
    value = found;
  }
  return greatest(gradient);
}
