import { GanglionError } from "../core/errors.ts";

/** A rule that picks images; `docs/sampling.md` writes each one down. */
export type Sampler =
  | { readonly kind: "random" }
  /** The latent is multiplied by psi, 0 < psi <= 1; of a family that truncates in w its distance from the middle is. */
  | { readonly kind: "truncation"; readonly psi: number }
  /** Discriminator rejection sampling; gamma is this percentile of F, 0 to 99. */
  | { readonly kind: "reject"; readonly percentile: number }
  /** Highest or lowest logits, or those farthest apart, of a pool of `oversampling` times the images wanted. */
  | { readonly kind: "best" | "worst" | "diverse"; readonly oversampling: number }
  /** Candidates of the classes that lack images in turn, each of the class that a classifier of the training images gives it. */
  | { readonly kind: "relabel" };

/** Those that pick images of one class at a time. */
export type PickingSampler = Exclude<Sampler, { readonly kind: "relabel" }>;

/** Percentile of F that becomes gamma unless another is named. */
const PERCENTILE = 80;
/** Candidates for each image wanted unless another number is named. */
const OVERSAMPLING = 4;

const FORMS = "random, truncation:PSI, reject[:PERCENTILE], best[:TIMES], worst[:TIMES], diverse[:TIMES], relabel";

/**
 * Reads a sampler as it is written on the command line: `random`, `truncation:0.7`, `reject`, `reject:80`, `best`,
 * `best:4`, `worst`, `diverse`, `relabel`.
 * @throws GanglionError `usage`
 */
export function parseSampler(text: string): Sampler {
  const [kind, argument, ...rest] = text.split(":");
  const wrong = (rule: string) => new GanglionError("usage", `--sampler ${text}: ${rule}; samplers are ${FORMS}`);
  const value = argument === undefined ? undefined : /^\d*\.?\d+$/.test(argument) ? Number(argument) : Number.NaN;
  if (rest.length > 0) throw wrong("there is one number at most");
  switch (kind) {
    case "random":
    case "relabel":
      if (value !== undefined) throw wrong(`${kind} takes no number`);
      return { kind };
    case "truncation":
      if (value === undefined) throw wrong("psi is missing, e.g. truncation:0.7");
      if (!(value > 0 && value <= 1)) throw wrong("psi is above 0 and at most 1");
      return { kind, psi: value };
    case "reject":
      if (value !== undefined && !(value >= 0 && value <= 99)) throw wrong("the percentile is from 0 to 99");
      return { kind, percentile: value ?? PERCENTILE };
    case "best":
    case "worst":
    case "diverse":
      if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= 1000)) {
        throw wrong("the number of candidates for each image is a whole number from 1 to 1000");
      }
      return { kind, oversampling: value ?? OVERSAMPLING };
    default:
      throw wrong("there is no such sampler");
  }
}

/** The full text of a sampler, its number always said; {@link parseSampler} reads it back. */
export function samplerText(sampler: Sampler): string {
  switch (sampler.kind) {
    case "random":
    case "relabel":
      return sampler.kind;
    case "truncation":
      return `truncation:${sampler.psi}`;
    case "reject":
      return `reject:${sampler.percentile}`;
    default:
      return `${sampler.kind}:${sampler.oversampling}`;
  }
}

/** What the notes of a dataset say of a sampler, besides its name. */
export const samplerNote = ({ kind }: Sampler): string =>
  kind === "relabel"
    ? " The class of an image is what a classifier of the generator's training images takes it for."
    : "";

/** What the latent, or in w the distance from the middle, is multiplied by. */
export const psiOf = (sampler: Sampler): number => (sampler.kind === "truncation" ? sampler.psi : 1);

/** True for those that keep every image that they draw, which fill maps too. */
export const keepsAll = ({ kind }: Sampler): boolean => kind === "random" || kind === "truncation";

/** True for those that ask a classifier of the training images. */
export const needsLabeller = ({ kind }: Sampler): boolean => kind === "relabel";

/** True for samplers that ask the discriminator. */
export const needsScorer = (sampler: Sampler): boolean => !keepsAll(sampler) && !needsLabeller(sampler);
