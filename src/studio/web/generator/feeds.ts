import { Rng } from "../../../core/rng.ts";
import { fillMap, MAP_CHANNELS } from "../../../data/maps/semantic-map.ts";
import type { Picture, PictureRequest } from "./messages.ts";
import type { Fed } from "./session.ts";

/** What a generator with these inputs is fed for a picture: the same numbers as `ganglion generate` feeds it for the seed. */
export function feedsOf(request: PictureRequest, inputs: readonly string[]): Record<string, Fed> {
  const { resolution, region, condition, conditions, tone, seed, latent } = request;
  const feeds: Record<string, Fed> = {};
  if (inputs.includes("maps")) {
    const maps = new Float32Array(MAP_CHANNELS * resolution * resolution);
    fillMap(maps, 0, { condition, conditions, tone }, region ?? new Uint8Array(resolution * resolution));
    feeds.maps = { data: maps, shape: [1, MAP_CHANNELS, resolution, resolution] };
  }
  if (inputs.includes("latent")) {
    const data = new Rng(seed, "latent").fillNormal(new Float32Array(latent));
    feeds.latent = { data, shape: [1, latent] };
  }
  if (inputs.includes("classes")) {
    const data = new Float32Array(conditions);
    data[condition] = 1;
    feeds.classes = { data, shape: [1, conditions] };
  }
  if (inputs.includes("psi")) feeds.psi = { data: Float32Array.of(1), shape: [1, 1] };
  return feeds;
}

/** NCHW in [-1, 1] => HWC in 0..255, rounded to the nearest level. */
export function pictureOf(data: Float32Array, channels: number, resolution: number): Picture {
  const area = resolution * resolution;
  const pixels = new Uint8Array(area * channels);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < area; i++) {
      const level = (data[c * area + i]! + 1) * 127.5 + 0.5;
      pixels[i * channels + c] = level < 0 ? 0 : level > 255 ? 255 : level;
    }
  }
  return { resolution, channels: channels === 1 ? 1 : 3, pixels };
}
