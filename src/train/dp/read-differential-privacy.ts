import { join } from "node:path";
import { readConfig } from "../config.ts";
import { RunFolder } from "../run-folder.ts";
import { epsilonSpent } from "./accountant.ts";
import { readStepsBegun } from "./ledger.ts";
import type { PrivacyUnit } from "./privacy.ts";
import { isPrivate } from "./private-config.ts";

/** What a private run guarantees for its `generator.onnx`. */
export interface DifferentialPrivacy {
  /** Spent by all steps that were begun; not above the epsilon that was asked for. */
  readonly epsilon: number;
  readonly delta: number;
  readonly unit: PrivacyUnit;
  /** Records of which any one is protected: images, or patients with all their images. */
  readonly records: number;
  /** Records that are protected together; always 1. */
  readonly groupSize: 1;
  readonly noiseMultiplier: number;
  readonly clip: number;
  readonly samplingRate: number;
  /** Steps that were begun. */
  readonly steps: number;
  readonly accountant: string;
}

/**
 * The guarantee of a run, from its `config.json` and `privacy.json`; null for a run without differential privacy.
 * @throws GanglionError `files` or `run` when the folder holds no run, or one that is damaged
 */
export async function readDifferentialPrivacy(runFolder: string): Promise<DifferentialPrivacy | null> {
  const config = await readConfig(join(runFolder, "config.json"));
  if (!isPrivate(config)) return null;
  const { delta, unit, records, noiseMultiplier, clip, samplingRate, accountant } = config.differentialPrivacy;
  const steps = await readStepsBegun(new RunFolder(runFolder).privacyPath);
  const epsilon = epsilonSpent({ noiseMultiplier, samplingRate, steps }, delta);
  return { epsilon, delta, unit, records, groupSize: 1, noiseMultiplier, clip, samplingRate, steps, accountant };
}
