/** Thread that computes radiomics of pictures. */
import { workerData } from "node:worker_threads";
import { answerBatches } from "../threads/answer-batches.ts";
import { pictureFeatures } from "./image-radiomics.ts";
import type { RadiomicsSetup } from "./radiomics-extractor.ts";

const { settings, names } = workerData as RadiomicsSetup;
answerBatches((batch) => pictureFeatures(batch, settings, names));
