import { isDeepStrictEqual } from "node:util";
import type { Architecture } from "../model/index.ts";
import { openTrainingSampler } from "./sampler.ts";
import type { TrainerOptions } from "./trainer-options.ts";
import type { TrainingSampler } from "./training-sampler.ts";

/** Configuration, images and maps of a run. */
type Images = Pick<TrainerOptions, "config" | "store" | "maps">;

/** Draws by the networks as they are while they grow: another sampler once they have other shapes. Close it. */
export class StageSampler {
  readonly #of: Images;
  #by: Architecture;
  #sampler: TrainingSampler;

  private constructor(of: Images, by: Architecture, sampler: TrainingSampler) {
    this.#of = of;
    this.#by = by;
    this.#sampler = sampler;
  }

  static async open(of: Images, architecture: Architecture): Promise<StageSampler> {
    return new StageSampler(of, architecture, await openTrainingSampler({ ...of, architecture }));
  }

  /** @param architecture Of the networks that are to draw. */
  async at(architecture: Architecture): Promise<TrainingSampler> {
    if (isDeepStrictEqual(architecture, this.#by)) return this.#sampler;
    const sampler = await openTrainingSampler({ ...this.#of, architecture });
    await this.#sampler.close();
    [this.#by, this.#sampler] = [architecture, sampler];
    return sampler;
  }

  close(): Promise<void> {
    return this.#sampler.close();
  }
}
