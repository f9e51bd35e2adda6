/**
 * What a generator draws from: `noise` and a class, or semantic `maps` and, where there is a latent, noise. Everything above
 * training asks for it, never for the name of a family.
 */
export type InputKind = "noise" | "maps";
