/** Thread that computes multiscale features of pictures. */
import { answerBatches } from "../threads/answer-batches.ts";
import { multiscaleFeatures } from "./image-multiscale.ts";

answerBatches(multiscaleFeatures);
