import { z } from "zod";
import type { AuditFile } from "../../audit/audit-file.ts";
import { orUnusable, readJsonInside } from "../../core/inside-folder.ts";
import type { Reasons } from "./reasons.ts";

const configSchema = z.looseObject({ dataset: z.looseObject({ hash: z.string() }) });

/**
 * An audit against other images than the generator learned from finds no copy of those. The run's `config.json` names
 * them by their hash; a run that was copied without it cannot tell.
 */
export async function checkTrainedOn(run: string, { train }: AuditFile, reasons: Reasons): Promise<void> {
  const config = configSchema.safeParse(await orUnusable(readJsonInside(run, "config.json")));
  if (!config.success || config.data.dataset.hash === train.hash) return;
  const name = (hash: string) => `${hash.slice(0, 12)}…`;
  reasons.add(
    "other-training",
    "audit.json",
    `the audit compared with images of the hash ${name(train.hash)}, the run was trained on ${name(config.data.dataset.hash)}; give \`ganglion audit --train\` the images of the run (\`gate.sameTraining\` of --config allows others)`,
  );
}
