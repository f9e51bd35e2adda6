// A generator from noise: one linear layer of latent and class.
import { add, concat, input, matmul, mul, reduceSum, reshape, tanh } from "ganglion/graph";
import { LayoutBuilder } from "ganglion/model";
import { z } from "zod";
import { architectureSchema, buildStep, design, state, training } from "./shared.mjs";

const LATENT = 5;
const pixelsOf = ({ channels, resolution }) => channels * resolution ** 2;

function layouts(a) {
  const generator = new LayoutBuilder();
  generator.add({ name: "paint", shape: [LATENT + a.classes, pixelsOf(a)], deviation: 0.1, rate: 1 });
  generator.add({ name: "ground", shape: [pixelsOf(a)], deviation: 0, rate: 1 });
  const discriminator = new LayoutBuilder();
  discriminator.add({ name: "look", shape: [pixelsOf(a), a.features], deviation: 0.02, rate: 1 });
  discriminator.add({ name: "class", shape: [a.classes, a.features], deviation: 0.1, rate: 1 });
  return { generator: generator.build(), discriminator: discriminator.build() };
}

const generate = (a, weights, latent, labels) =>
  reshape(tanh(add(matmul(concat([latent, labels], 1), weights.paint), weights.ground)), [
    latent.shape[0],
    a.channels,
    a.resolution,
    a.resolution,
  ]);

function score(a, weights, images, labels) {
  const features = tanh(matmul(reshape(images, [images.shape[0], pixelsOf(a)]), weights.look));
  const logits = reshape(reduceSum(mul(features, matmul(labels, weights.class)), [1]), [images.shape[0]]);
  return { logits, features };
}

export const toyNoise = {
  model: {
    ...{ name: "toy-noise", input: "noise", state, layouts, generate, score },
    architectureSchema: architectureSchema("toy-noise", z.literal(LATENT)),
    describe: () => "one linear layer",
  },
  training: {
    ...training,
    design: design("toy-noise", LATENT),
    stepGraphs(config) {
      const a = this.design(config);
      const { batch } = config.recipe;
      const labels = input("labels", [batch, a.classes]);
      const z = input("z", [batch, LATENT]);
      return [
        buildStep({
          ...{ layouts: layouts(a), batch },
          real: input("real", [batch, a.channels, a.resolution, a.resolution]),
          draw: (weights) => generate(a, weights, z, labels),
          score: (weights, images) => score(a, weights, images, concat([labels, labels], 0)).logits,
        }),
      ];
    },
    feeds: new URL("./toy-noise-feeds.mjs", import.meta.url),
  },
};
