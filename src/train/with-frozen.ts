import { resolve } from "node:path";
import { GanglionError } from "../core/errors.ts";
import { readBytes } from "../core/files.ts";
import { sha256 } from "../core/hash.ts";
import { familyNames, featureTaps } from "../model/index.ts";
import type { FamilyPreset } from "./family.ts";
import { trainingFamily } from "./known-families.ts";

/** Families that learn by the layers of a frozen network. */
const judgedFamilies = (): string[] =>
  familyNames().filter((model) => trainingFamily({ model }).judgedBy !== undefined);

/**
 * What a preset says of a training by the layers of a frozen network.
 * @param request What was asked for; `frozen` is `onnx:PATH`.
 * @throws GanglionError `usage` for a family that takes none, or a network that does not fit
 */
export async function withFrozen(
  preset: FamilyPreset,
  { frozen: asked, differentialPrivacy }: { readonly frozen: string; readonly differentialPrivacy?: unknown },
  { model, resolution, channels }: { readonly model: string; readonly resolution: number; readonly channels: 1 | 3 },
): Promise<FamilyPreset> {
  const option = `--frozen ${asked}`;
  const { judgedBy } = trainingFamily({ model });
  const refuse = (rule: string) => new GanglionError("usage", `${option}: ${rule}`);
  if (judgedBy === undefined)
    throw refuse(
      `${model} does not learn by a frozen network; omit it, or train --model ${judgedFamilies().join(" or ")}`,
    );
  if (differentialPrivacy !== undefined) throw refuse("no frozen network is used with differential privacy; omit it");
  const path = /^onnx:(.+)$/.exec(asked)?.[1];
  if (path === undefined) throw refuse("give onnx:PATH");
  const file = resolve(path);
  const bytes = await readBytes(file);
  const taps = featureTaps(bytes, option, resolution, channels);
  return judgedBy(preset, { file, sha256: sha256(bytes), taps });
}
