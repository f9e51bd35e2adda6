import { z } from "zod";
import { sha256 } from "../../core/hash.ts";
import type { Architecture, Origin, Preset } from "../../model/index.ts";
import { originSchema } from "../../model/index.ts";

/** Networks that a training begins from. */
export interface Start {
  /** As it was given. */
  readonly path: string;
  readonly architecture: Architecture;
  readonly classNames: readonly string[];
  readonly preset: Preset;
  /** Width and depth of its networks, in the family's own words. */
  readonly networks: object;
  /** Flat weights; without a discriminator a new one learns first. */
  readonly generator: Float32Array;
  readonly average: Float32Array;
  readonly discriminator: Float32Array | null;
  /** Itself, then what it began from, nearest first. */
  readonly origins: readonly Origin[];
}

/** What `config.json` says of a training that began from a start. */
export const startSchema = z.object({
  /** As it was given. */
  path: z.string(),
  /** For each class the one of the start whose weights it began with; null: the mean of all. */
  classes: z.array(z.string().nullable()),
  /** The start, then what it began from, nearest first. */
  origins: z.array(originSchema).min(1),
});

/** See {@link startSchema}. */
export type StartConfig = z.infer<typeof startSchema>;

/** Hash that names flat weights. */
export const weightsHash = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  sha256(new Uint8Array(buffer, byteOffset, byteLength));
