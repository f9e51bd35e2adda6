import { openPackedStore } from "../../data/index.ts";
import { prepareRun, RunFolder, type TrainRequest, train } from "../../train/index.ts";

/** Trains a run of a few steps at 8 pixels, as `request` changes it. @returns its folder */
export async function trainedRun(
  folder: string,
  request: Partial<TrainRequest> & Pick<TrainRequest, "dataset">,
): Promise<string> {
  const { dataset, indices, config } = await prepareRun({ resolution: 8, images: 16, threads: 1, ...request });
  const run = new RunFolder(folder);
  await run.create(config);
  const packed = { resolution: 8, channels: config.channels, folder: run.cachePath, indices };
  const store = await openPackedStore({ ...dataset, classes: config.dataset.classes }, packed);
  await train({ config, run, store });
  store.close();
  return run.path;
}
