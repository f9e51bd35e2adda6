// Time of the radiomics of pictures, alone: node bench/radiomics.mjs [IMAGES] [THREADS]. Needs a build.
// Wanted: 2,000 colour pictures of 128 x 128, all 2-D features of the image itself, in less than 60 s on two cores.
import { cpus, loadavg } from "node:os";
import { Rng } from "../dist/core/rng.js";
import { imagesInMemory } from "../dist/features/extractor.js";
import { openRadiomicsReader } from "../dist/features/radiomics/radiomics-extractor.js";

const SIDE = 128;
const [count = 2000, threads = 2] = process.argv.slice(2).map(Number);

/** Pictures with much of a photograph's: a wide gradient, a blob, fine noise; each its own. */
function pictures() {
  const rng = new Rng("bench", "radiomics");
  const out = new Uint8ClampedArray(count * 3 * SIDE * SIDE);
  for (let k = 0, at = 0; k < count; k++) {
    const [x0, y0] = [rng.between(40, 90), rng.between(40, 90)];
    const [wide, slope, noise] = [rng.between(10, 30), rng.between(-0.5, 0.5), rng.between(4, 20)];
    for (let c = 0; c < 3; c++) {
      const depth = rng.between(40, 120);
      for (let y = 0; y < SIDE; y++) {
        for (let x = 0; x < SIDE; x++, at++) {
          const blob = depth * Math.exp(-((x - x0) ** 2 + (y - y0) ** 2) / (2 * wide * wide));
          out[at] = 170 + slope * (x - 64) - blob + rng.between(-noise, noise);
        }
      }
    }
  }
  return new Uint8Array(out.buffer);
}

const images = imagesInMemory(pictures(), SIDE, 3);
const load = loadavg()[0];
const reader = openRadiomicsReader({ threads });
const cpu = process.cpuUsage();
const start = performance.now();
const { d } = await reader.read(images);
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
await reader.close();
const used = (user + system) / 1e6;
console.log(
  `${count} images of ${SIDE} x ${SIDE}, ${d} features, ${threads} threads: ${seconds.toFixed(1)} s, ` +
    `${used.toFixed(1)} s of CPU (${((1000 * used) / count).toFixed(1)} ms an image); ` +
    `load before ${load.toFixed(1)} on ${cpus().length} cores`,
);
