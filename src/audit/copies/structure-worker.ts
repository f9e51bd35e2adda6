/** Thread that compares images with their candidates; see `structure-search.ts`. */
import { answerBatches } from "../../features/threads/answer-batches.ts";
import { type CandidateBatch, matchCandidates } from "./structure-batch.ts";

answerBatches((batch) => matchCandidates(batch as CandidateBatch));
