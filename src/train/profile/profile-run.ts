import { GanglionError } from "../../core/errors.ts";
import { writeJson } from "../../core/files.ts";
import type { Listeners } from "../../core/listeners.ts";
import { withTemporaryFolder } from "../../core/scratch/temporary-folder.ts";
import { openPackedStore } from "../../data/index.ts";
import { isPrivate } from "../dp/private-config.ts";
import type { Training } from "../open-training.ts";
import { planRun } from "../plan-cache.ts";
import { profileStep, type StepProfile } from "./profile-step.ts";

/**
 * Steps of a training on its own images, timed by operator and by layer; trains nothing.
 * @param path File that the figures are written to too.
 * @throws GanglionError `usage` for a private run, or one that another device than the CPU computes
 */
export async function profileRun(training: Training, path: string, listeners: Listeners = {}): Promise<StepProfile> {
  const { dataset, indices, maps, resume, computing } = training;
  const { onProgress } = listeners;
  if (isPrivate(training.config)) {
    throw new GanglionError(
      "usage",
      "--profile: steps with differential privacy are not traced; leave --dp-epsilon out",
    );
  }
  if (computing.device !== "cpu") {
    throw new GanglionError(
      "usage",
      `--profile: operators are traced only on the cpu; omit --device ${computing.device}`,
    );
  }
  const config = resume ? training.config : await planRun(training.config, onProgress);
  return withTemporaryFolder("profile", async (folder) => {
    const { signal } = listeners;
    const { resolution, channels } = config;
    const store = await openPackedStore(
      { ...dataset, classes: config.dataset.classes },
      { resolution, channels, folder, indices, onProgress, signal },
    );
    try {
      const profile = await profileStep(config, store, maps && { training: maps, shown: { store, maps } });
      await writeJson(path, { threads: config.threads, preset: config.preset, resolution, ...profile });
      return profile;
    } finally {
      store.close();
    }
  });
}
