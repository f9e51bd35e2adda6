// Runs in the thread that feeds a training.
import { Rng } from "ganglion/core";

export function feedSource(store, { architecture, recipe: { batch }, seed }) {
  const { channels, resolution, classes, latent } = architecture;
  const bytes = new Uint8Array(batch * channels * resolution ** 2);
  return {
    allocate: () => ({
      real: new Float32Array(bytes.length),
      labels: new Float32Array(batch * classes),
      z: new Float32Array(batch * latent),
    }),
    fill(step, _, into) {
      const rng = new Rng(seed, "toy", step);
      const chosen = Array.from({ length: batch }, () => rng.integer(store.count));
      store.readInto(chosen, bytes);
      bytes.forEach((byte, i) => {
        into.real[i] = byte / 127.5 - 1;
      });
      into.labels.fill(0);
      chosen.forEach((index, row) => {
        into.labels[row * classes + store.labels[index]] = 1;
      });
      rng.fillNormal(into.z);
    },
  };
}
