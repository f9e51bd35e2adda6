import { verifyGenerator } from "../../model/verify-generator.ts";
import type { ReleasedGenerator } from "../released-generator.ts";
import { identifierIn, masked } from "./identifiers.ts";
import type { Reasons } from "./reasons.ts";
import { isPlainName, type Secrets } from "./text-rules.ts";

const FILE = "generator.onnx";
const REMEDY = "give the run folder as `ganglion train` of this version wrote it (--resume writes its generator again)";

/** What is wrong with a generator file, in words. */
const WRONG = {
  "no-checkpoint": "no checkpoint of the run has its weights, so that it cannot be shown to hold nothing else",
  "other-content": "it is not what training writes for these weights: other weights, operators or words are in it",
} as const;

/**
 * A generator that leaves holds the weights of its architecture and nothing else: it must be, byte for byte, what training
 * writes for the weights of a checkpoint, so that no unused weights, operators or words can carry anything.
 */
export async function checkGeneratorFile(
  run: string,
  { bytes, facts, description }: ReleasedGenerator,
  { secrets, notIdentifiers }: { readonly secrets: Secrets; readonly notIdentifiers: readonly string[] },
  reasons: Reasons,
): Promise<void> {
  const found = await verifyGenerator(run, bytes, description);
  if (found !== "as-written") reasons.add("generator-file", FILE, `${WRONG[found]}; ${REMEDY}`);
  const accepted = new Set(notIdentifiers);
  const telling = [...facts.classes, ...(description.license === "" ? [] : [description.license])].filter(
    (text) => secrets.isIn(text) || (!accepted.has(text) && (!isPlainName(text) || identifierIn(text) !== null)),
  );
  reasons.each(
    "identifier",
    FILE,
    telling.map(masked),
    "its classes or its licence tell of a person, or are no plain names; train with other names, or accept them in `gate.notIdentifiers` of --config if they tell of nobody",
  );
}
