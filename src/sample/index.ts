export { type BalanceOptions, balanceDataset, balanceNotes, checkBalanceable } from "./balance.ts";
export {
  type BalancePlan,
  type BalancePlanOptions,
  balancePlan,
  type ClassPlan,
  planText,
} from "./balance-plan.ts";
export { type Choice, type Choosing, choose } from "./choose.ts";
export { type ClassCount, countsOf, nearestName, parseCounts, perClassOf, unknownClass } from "./class-counts.ts";
export { farthestFirst } from "./farthest-first.ts";
export { type GeneratedDataset, generateDataset, regenerateDataset } from "./generate.ts";
export { candidateSeed, fillLatent } from "./latent.ts";
export { PROVENANCE, type ProvenanceRecord, readProvenance, regenerate } from "./provenance.ts";
export { Rejection } from "./rejection.ts";
export { openRun, type Run, type RunOptions } from "./run-folder.ts";
export { needsJudge, parseSampler, type Sampler, samplerText } from "./sampler.ts";
export { type ClassTally, plannedDraws, type SynthesisOptions, type SyntheticImage, synthesise } from "./synthesise.ts";
