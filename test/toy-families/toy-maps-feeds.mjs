// Runs in the thread that feeds a training.
import { Rng } from "ganglion/core";
import { fillMap } from "ganglion/data";
import { MAP_CHANNELS } from "ganglion/model";

export function feedSource(store, { architecture, recipe: { batch }, seed, maps }) {
  const { channels, resolution, classes } = architecture;
  const area = resolution ** 2;
  const bytes = new Uint8Array(batch * channels * area);
  return {
    allocate: () => ({
      real: new Float32Array(bytes.length),
      maps: new Float32Array(batch * MAP_CHANNELS * area),
    }),
    fill(step, _, into) {
      const rng = new Rng(seed, "toy", step);
      const chosen = Array.from({ length: batch }, () => rng.integer(store.count));
      store.readInto(chosen, bytes);
      bytes.forEach((byte, i) => {
        into.real[i] = byte / 127.5 - 1;
      });
      chosen.forEach((index, row) => {
        const content = { condition: store.labels[index], conditions: classes, tone: maps.tones[index] };
        const region = maps.regions.subarray(index * area, (index + 1) * area);
        fillMap(into.maps, row * MAP_CHANNELS * area, content, region);
      });
    },
  };
}
