import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readJsonInside } from "../core/inside-folder.ts";

const judgedSchema = z.looseObject({ networks: z.looseObject({ frozen: z.looseObject({ sha256: z.string() }) }) });

/** SHA-256 of the frozen network that judged a run while it was trained; null where none did, or its config.json is not there. */
export async function frozenOfRun(run: string): Promise<string | null> {
  if (!existsSync(join(run, "config.json"))) return null;
  const config = judgedSchema.safeParse(await readJsonInside(run, "config.json"));
  return config.success ? config.data.networks.frozen.sha256 : null;
}
