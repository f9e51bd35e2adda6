import { z } from "zod";
import type { AuditFile } from "../../audit/audit-file.ts";
import { orUnusable, readJsonInside } from "../../core/inside-folder.ts";
import { foreignOrigins, foreignOriginText, type Origin, originSchema } from "../../model/index.ts";
import type { GateConfig } from "../config.ts";
import type { ReleasedGenerator } from "../released-generator.ts";
import { identifierIn, masked } from "./identifiers.ts";
import type { Reasons } from "./reasons.ts";
import { isPlainName, type Secrets } from "./text-rules.ts";

const configSchema = z.looseObject({ start: z.looseObject({ origins: z.array(originSchema) }).optional() });

/** Networks that a training began from, by all who say so. */
interface Chain {
  readonly run: string | null;
  readonly audit: AuditFile;
  readonly generator: ReleasedGenerator | null;
}

/** Every start that the run, the audit or the generator names, once, nearest first. */
async function chainOf({ run, audit, generator }: Chain): Promise<Origin[]> {
  const config = run === null ? null : configSchema.safeParse(await orUnusable(readJsonInside(run, "config.json")));
  const said = [config?.data?.start?.origins, audit.run?.startedFrom, generator?.description.startedFrom];
  return [...new Map(said.flatMap((origins) => origins ?? []).map((origin) => [origin.weights, origin])).values()];
}

/**
 * A generator that began from other networks may remember the images that those learned from. Starts of the package learned from
 * public images, and those of the run's own images are compared with; any other one holds people whom nobody looked for.
 * @returns The chain, for the cards, and what is accepted of it, one sentence each.
 */
export async function checkStarts(
  chain: Chain,
  { acceptWarnings, notIdentifiers }: GateConfig,
  secrets: Secrets,
  reasons: Reasons,
): Promise<{ starts: readonly Origin[]; accepted: readonly string[] }> {
  const starts = await chainOf(chain);
  const foreign = await foreignOrigins(starts, chain.audit.train.hash);
  const isAccepted = acceptWarnings.includes("start-data");
  for (const origin of isAccepted ? [] : foreign) {
    const remedy =
      'train from a start of the package or from new networks, or accept it with "start-data" in `gate.acceptWarnings` of --config, which the card then states';
    reasons.add("start-data", "config.json: start", `${foreignOriginText(origin)} ${remedy}`);
  }
  const known = new Set(notIdentifiers);
  const texts = foreign.flatMap(({ license, data }) => [
    license,
    ...data.classes,
    ...(data.title === null ? [] : [data.title]),
  ]);
  const telling = texts.filter(
    (text) => secrets.isIn(text) || (!known.has(text) && (!isPlainName(text) || identifierIn(text) !== null)),
  );
  reasons.each(
    "identifier",
    "config.json: start",
    [...new Set(telling)].map(masked),
    "licence, classes or title of the start tell of a person, or are no plain names; accept them in `gate.notIdentifiers` of --config if they tell of nobody",
  );
  return { starts, accepted: isAccepted ? foreign.map(foreignOriginText) : [] };
}
