import type { StudyConfig } from "../config.ts";
import { onnxPath, withPaths } from "../generator-paths.ts";

/** `/home/a/isic2017/` => `isic2017` */
const lastPart = (path: string): string => path.split(/[\\/]+/).findLast((part) => part !== "") ?? path;

/** The configuration with the last part of each path alone: where files lie is nobody's business and differs between machines. */
export function portableConfig(config: StudyConfig): StudyConfig {
  const { classifier } = config;
  return {
    ...config,
    data: { ...config.data, dataset: lastPart(config.data.dataset) },
    testSets: config.testSets.map((set) => ({
      ...set,
      dataset: set.dataset === null ? null : lastPart(set.dataset),
    })),
    generators: Object.fromEntries(
      Object.entries(config.generators).map(([name, generator]) => [name, withPaths(generator, lastPart)]),
    ),
    classifier:
      classifier.kind === "probe"
        ? { ...classifier, features: `onnx:${lastPart(onnxPath(classifier.features))}` }
        : classifier,
  };
}
