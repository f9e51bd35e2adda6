export type { BalanceOptions } from "./added-images.ts";
export { balanceDataset, balanceNotes, checkBalanceable } from "./balance.ts";
export {
  type BalancePlan,
  type BalancePlanOptions,
  balancePlan,
  type ClassPlan,
  planText,
} from "./balance-plan.ts";
export { type Choice, type Choosing, choose } from "./choose.ts";
export { type ClassCount, countsOf, parseCounts, perClassOf } from "./class-counts.ts";
export { CONTACT_SHEET } from "./contact-sheet.ts";
export { imageOfPlanes } from "./draw.ts";
export { farthestFirst } from "./farthest-first.ts";
export { type GeneratedDataset, generateDataset, regenerateDataset } from "./generate.ts";
export type { Labeller } from "./labeller.ts";
export { candidateSeed, fillLatent } from "./latent.ts";
export { COCO, cocoOf } from "./maps/coco.ts";
export {
  type DatasetMap,
  type DatasetMaps,
  type DatasetMapsOptions,
  drawRequests,
  readDatasetMaps,
} from "./maps/dataset-maps.ts";
export { drawMaps, type FilledMaps, type FillOptions, fillMaps, refillMaps, STRIP } from "./maps/fill-maps.ts";
export { type MapFile, type MapFileOptions, readMapFile, unseenTones } from "./maps/map-csv.ts";
export { type MapRecord, type RecordedRequest, readMapProvenance, recordedRequests } from "./maps/map-provenance.ts";
export type { MapRequest } from "./maps/map-request.ts";
export { type MapRun, openMapRun } from "./maps/map-run.ts";
export type { Lesion } from "./maps/move-lesion.ts";
export {
  type MapsAsked,
  type RequestedMaps,
  type RequestedMapsOptions,
  requestedMaps,
} from "./maps/requested-maps.ts";
export { parseSweep, SWEEPS, type Sweep, sweepBases, sweepRequests, sweepSteps } from "./maps/sweep.ts";
export { PROVENANCE, type ProvenanceRecord, readProvenance, regenerate } from "./provenance.ts";
export { Rejection } from "./rejection.ts";
export { type RunFamily, runFamily } from "./run-family.ts";
export { openRun, type Run, type RunOptions } from "./run-folder.ts";
export { keepsAll, needsLabeller, needsScorer, parseSampler, psiOf, type Sampler, samplerText } from "./sampler.ts";
export { refuseSampler, samplerProblem } from "./sampler-problem.ts";
export { type ClassTally, plannedDraws, type SynthesisOptions, type SyntheticImage } from "./synthesis.ts";
export { synthesise } from "./synthesise.ts";
