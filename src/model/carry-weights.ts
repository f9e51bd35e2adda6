import type { Architecture, NamedAxis, Network } from "./family.ts";
import { familyOf } from "./known-families.ts";
import { joinParameter, splitFlat } from "./parameters.ts";

/** Weights of one network that others begin from. */
export interface CarriedFrom {
  readonly architecture: Architecture;
  /** Flat, in the layout of the architecture. */
  readonly weights: Float32Array;
}

/** The network that takes weights over. */
export interface CarriedTo {
  readonly architecture: Architecture;
  /** First weights as a training from scratch has them, flat; what is not carried keeps them. */
  readonly first: Float32Array;
  /** For each class the one whose weights it begins with, by its place among those carried from; null: the mean of all. */
  readonly classes: readonly (number | null)[];
}

/** Weights that do not fit: the name of the first one with both shapes. */
interface Unfit {
  readonly name: string;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** Weights after {@link carryWeights}, and what became of each parameter, by name. */
export interface CarriedWeights {
  readonly weights: Float32Array;
  readonly copied: readonly string[];
  /** Made to fit other classes, channels or another code. */
  readonly fitted: readonly string[];
  /** As a training from scratch has them. */
  readonly fresh: readonly string[];
  /** Null where all that both networks have could be carried. */
  readonly unfit: Unfit | null;
}

/**
 * Carries weights to another network of the family, by name and shape. Axes that the family names are made to fit; layers that
 * only the new network has keep their first weights, and so do the layers at the image where the resolution, and with it the
 * width next to the image, is another.
 */
export function carryWeights(network: Network, from: CarriedFrom, to: CarriedTo): CarriedWeights {
  const family = familyOf(to.architecture);
  const axesOf = (a: Architecture) => family.axes?.(a)[network] ?? {};
  const [layoutFrom, layoutTo] = [from, to].map(({ architecture }) => family.layouts(architecture)[network]);
  const shapes = new Map(layoutFrom!.parameters.map(({ name, shape }) => [name, shape]));
  const values = splitFlat(layoutFrom!, from.weights);
  const [axesFrom, axesTo] = [axesOf(from.architecture), axesOf(to.architecture)];
  const resized = from.architecture.resolution !== to.architecture.resolution;
  const weights = Float32Array.from(to.first);
  const [copied, fitted, fresh]: [string[], string[], string[]] = [[], [], []];
  let unfit: Unfit | null = null;
  for (const parameter of layoutTo!.parameters) {
    const { name, shape } = parameter;
    const before = shapes.get(name);
    const axis = axesTo[name];
    if (before === undefined) {
      fresh.push(name);
      continue;
    }
    const mix = axis === undefined ? null : mixOf(axis, axesFrom[name]!, before, to.classes, shape[axis.axis]!);
    const made = mix === null ? [...before] : before.map((n, i) => (i === axis!.axis ? mix.length : n));
    if (`${made}` !== `${shape}`) {
      if (!(resized && axis !== undefined && AT_IMAGE.includes(axis.counts)))
        unfit ??= { name, from: before, to: shape };
      fresh.push(name);
      continue;
    }
    const data = mix === null ? values[name]! : mixed(values[name]!, before, axis!.axis, mix);
    joinParameter(parameter, data, weights);
    (mix === null ? copied : fitted).push(name);
  }
  return { weights, copied, fitted, fresh, unfit };
}

const AT_IMAGE: readonly NamedAxis["counts"][] = ["outputs", "inputs", "maps"];

/** What each place of an axis is made of: weights of the places before, [after][before]. */
type Mix = readonly (readonly number[])[];

const isIdentity = (mix: Mix): boolean =>
  mix.every((row, i) => row.length === mix.length && row.every((share, j) => share === (i === j ? 1 : 0)));

const single = (place: number, length: number): number[] => Array.from({ length }, (_, i) => (i === place ? 1 : 0));

/** How an axis is made to fit; null where it does already. */
function mixOf(
  to: NamedAxis,
  from: NamedAxis,
  shapeBefore: readonly number[],
  classes: readonly (number | null)[],
  after: number,
): Mix | null {
  const before = shapeBefore[from.axis]!;
  const mean = Array.from({ length: before }, () => 1 / before);
  const rows: Record<NamedAxis["counts"], () => Mix | null> = {
    maps: () => null,
    classes: () => classes.map((place) => (place === null ? mean : single(place, before))),
    // An image of one channel is the mean of three, and three channels begin equal.
    outputs: () => Array.from({ length: after }, (_, i) => (before === after ? single(i, before) : mean)),
    // Three equal channels give what one gave, and the reverse.
    inputs: () =>
      Array.from({ length: after }, (_, i) =>
        before === after ? single(i, before) : mean.map((share) => (share * before) / after),
      ),
    code: () => codeMix(from.length!, to.length!, before),
  };
  const mix = rows[to.counts]();
  return mix === null || isIdentity(mix) ? null : mix;
}

/**
 * A longer code begins with weights of zero behind the old one, which changes nothing; of a shorter one the first numbers are
 * kept, enlarged so that what they make varies as much as before.
 */
function codeMix(before: number, after: number, length: number): Mix {
  const scale = after < before ? Math.sqrt(before / after) : 1;
  const code = Array.from({ length: after }, (_, i) => single(i < before ? i : -1, length).map((x) => x * scale));
  const behind = Array.from({ length: length - before }, (_, i) => single(before + i, length));
  return [...code, ...behind];
}

/** Mixes the places of one axis of row-major data. */
function mixed(data: Float32Array, shape: readonly number[], axis: number, mix: Mix): Float32Array {
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  const [outer, before, inner] = [product(shape.slice(0, axis)), shape[axis]!, product(shape.slice(axis + 1))];
  const out = new Float32Array(outer * mix.length * inner);
  for (let o = 0; o < outer; o++) {
    mix.forEach((row, i) => {
      for (let n = 0; n < inner; n++) {
        let sum = 0;
        for (let j = 0; j < before; j++) sum += row[j]! * data[(o * before + j) * inner + n]!;
        out[(o * mix.length + i) * inner + n] = sum;
      }
    });
  }
  return out;
}
