/** A small configuration of a study that is right. */
export function studyConfig() {
  return {
    format: "ganglion.study/1",
    data: { dataset: "skin" },
    testSets: [{ name: "held-out", distribution: "in" }],
    generators: { gan: { from: "train" } },
    arms: { synthetic: [{ generators: ["gan"], ratios: [0.5, "balance"] }] },
    seeds: [0, 1, 2],
    metrics: ["auc", "f1"],
    primary: "auc",
  };
}
