// What both toys share: a schema of shapes, plain gradient descent, and the losses of a step.
import {
  add,
  concat,
  gradient,
  input,
  meanAll,
  mul,
  neg,
  reduceMean,
  slice,
  softplus,
  square,
  sub,
} from "ganglion/graph";
import { flatten, PRESETS, sharedArchitecture, viewWeights } from "ganglion/model";
import { z } from "zod";

/** Neither moments nor anything else besides the weights: fewer vectors than the families of the package have. */
export const state = { generator: "generator", average: "generator", discriminator: "discriminator" };

export const architectureSchema = (name, latent) =>
  z.object({ model: z.literal(name), ...sharedArchitecture, latent, features: z.int().positive() });

export const networksSchema = z.object({ features: z.int().positive() });
export const recipeSchema = z.object({ batch: z.int().min(2), rate: z.number().positive(), decay: z.number() });
export const presets = Object.fromEntries(
  PRESETS.map((preset) => [preset, { networks: { features: 6 }, recipe: { batch: 8, rate: 0.05, decay: 0.9 } }]),
);

export const design = (model, latent) => (config) => ({
  model,
  resolution: config.resolution,
  channels: config.channels,
  classes: config.dataset.classes.length,
  latent,
  features: config.networks.features,
});

/** Variance over the batch, mean over pixels. */
const batchVariance = (images) => meanAll(reduceMean(square(sub(images, reduceMean(images, [0]))), [0]));

/**
 * A step of gradient descent on both networks at once.
 * @param draw (weights) => images, @param score (weights, images) => logits [N], @param close (images) => further loss of G
 */
export function buildStep({ layouts, batch, real, draw, score, close }) {
  const vectors = { generator: layouts.generator, average: layouts.generator, discriminator: layouts.discriminator };
  const [generator, average, discriminator] = Object.entries(vectors).map(([name, { length }]) =>
    input(name, [length]),
  );
  const [rate, decay] = [input("rate", []), input("decay", [])];
  const [weightsG, weightsD] = [
    viewWeights(layouts.generator, generator),
    viewWeights(layouts.discriminator, discriminator),
  ];
  const fake = draw(weightsG);
  const logits = score(weightsD, concat([real, fake], 0));
  const [seenReal, seenFake] = [slice(logits, [0], [batch]), slice(logits, [batch], [batch])];
  const lossD = add(meanAll(softplus(neg(seenReal))), meanAll(softplus(seenFake)));
  const further = close?.(fake);
  const lossG =
    further === undefined ? meanAll(softplus(neg(seenFake))) : add(meanAll(softplus(neg(seenFake))), further);
  const descend = (weights, layout, loss, named) =>
    sub(weights, mul(flatten(layout, gradient(loss, Object.values(named))), rate));
  const nextG = descend(generator, layouts.generator, lossG, weightsG);
  return {
    "next.generator": nextG,
    "next.average": add(mul(average, decay), mul(nextG, sub(1, decay))),
    "next.discriminator": descend(discriminator, layouts.discriminator, lossD, weightsD),
    ...{ logits, fakeSpread: batchVariance(fake), realSpread: batchVariance(real), lossG, lossD },
    ...(further === undefined ? {} : { further }),
  };
}

/** What both say of training besides their step. */
export const training = {
  networksSchema,
  recipeSchema,
  presets,
  schedule: ({ recipe: { rate, decay } }) => ({ graph: 0, scalars: { rate, decay } }),
  cycle: () => 1,
  augmentProbability: () => 0,
  remedies: { diverged: "lower the rate", collapsed: "lower the rate", won: "lower the rate" },
  scalesLosses: false,
  privacy: { refused: "it is a toy" },
};
