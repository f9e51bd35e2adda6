/** What is compared by where `--features` is not given; docs/metrics.md has the measurements that chose it. */
export const DEFAULT_FEATURES: readonly string[] = ["multiscale"];

/** The extractors that were asked for, else the default ones. */
export const chosenFeatures = (given: readonly string[] | undefined): readonly string[] =>
  given === undefined || given.length === 0 ? DEFAULT_FEATURES : given;
