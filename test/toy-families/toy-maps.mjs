// A generator that fills maps: one colour for each colour of the map, and no latent.
import { abs, concat, conv2d, input, meanAll, reduceMean, reshape, sub, tanh } from "ganglion/graph";
import { LayoutBuilder, MAP_CHANNELS } from "ganglion/model";
import { z } from "zod";
import { architectureSchema, buildStep, design, state, training } from "./shared.mjs";

const AS_IT_IS = { stride: 1, padding: 0 };

function layouts({ channels, features }) {
  const generator = new LayoutBuilder();
  generator.add({ name: "colour", shape: [channels, MAP_CHANNELS, 1, 1], deviation: 0.1, rate: 1 });
  generator.add({ name: "ground", shape: [channels], deviation: 0, rate: 1 });
  const discriminator = new LayoutBuilder();
  discriminator.add({ name: "look", shape: [features, MAP_CHANNELS + channels, 1, 1], deviation: 0.1, rate: 1 });
  discriminator.add({ name: "logit", shape: [1, features, 1, 1], deviation: 0.1, rate: 1 });
  return { generator: generator.build(), discriminator: discriminator.build() };
}

const generate = (_, weights, maps) => tanh(conv2d(maps, weights.colour, AS_IT_IS, weights.ground));

function score(weights, maps, images) {
  const seen = tanh(conv2d(concat([maps, images], 1), weights.look, AS_IT_IS));
  return reshape(reduceMean(conv2d(seen, weights.logit, AS_IT_IS), [1, 2, 3]), [images.shape[0]]);
}

export const toyMaps = {
  model: {
    ...{ name: "toy-maps", input: "maps", state, layouts, generate },
    architectureSchema: architectureSchema("toy-maps", z.literal(0)),
    describe: () => "one colour for each colour of the map",
  },
  training: {
    ...training,
    design: design("toy-maps", 0),
    stepGraphs(config) {
      const a = this.design(config);
      const { batch } = config.recipe;
      const size = [a.resolution, a.resolution];
      const maps = input("maps", [batch, MAP_CHANNELS, ...size]);
      const real = input("real", [batch, a.channels, ...size]);
      return [
        buildStep({
          ...{ layouts: layouts(a), batch, real },
          draw: (weights) => generate(a, weights, maps),
          score: (weights, images) => score(weights, concat([maps, maps], 0), images),
          close: (images) => meanAll(abs(sub(images, real))),
        }),
      ];
    },
    feeds: new URL("./toy-maps-feeds.mjs", import.meta.url),
  },
};
