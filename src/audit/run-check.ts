import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { hashInside, isNotAFile, orUnusable, readInside, readJsonInside } from "../core/inside-folder.ts";
import { listed } from "../core/quoted.ts";
import { foreignOrigins, foreignOriginText, originSchema } from "../model/index.ts";
import { readDifferentialPrivacy } from "../train/index.ts";
import type { AuditCaution, AuditFile, AuditObjection } from "./audit-file.ts";
import type { AuditKind, MeasuredTest } from "./measured.ts";
import type { AuditSets } from "./open-sets.ts";

/** What is read of a run's `config.json`; all else is the training's business. */
const configSchema = z.looseObject({
  dataset: z.looseObject({ hash: z.string(), label: z.string().nullable(), where: z.array(z.string()).default([]) }),
  start: z.looseObject({ origins: z.array(originSchema) }).optional(),
});

/** One line of `provenance.jsonl`. */
const lineSchema = z.looseObject({ file_name: z.string(), generator: z.string() });

const ORIGIN: AuditKind = {
  section: "Origin",
  weighed: false,
  severity: ({ figures: { share } }) => (share == null ? null : share.value < 1 ? "warning" : "none"),
  groupOf: () => "run",
  strength: null,
  words: () => ({
    title: "Not all synthetic images were drawn by the generator of the run",
    text: "What is known of the run's training, its privacy budget above all, does not hold for the others.",
  }),
};

export interface RunCheck {
  readonly run: NonNullable<AuditFile["run"]>;
  readonly test: MeasuredTest;
  readonly cautions: readonly AuditCaution[];
  readonly objections: readonly AuditObjection[];
}

/** How a run chose its training images. */
export interface RunImages {
  /** Column of classes; undefined where it names none. */
  readonly label: string | undefined;
  /** Filters `COL=VALUE`. */
  readonly where: readonly string[];
}

/** How the images that a run was trained on are chosen from their dataset. @throws GanglionError `run` */
export async function runImages(run: string): Promise<RunImages> {
  const { label, where } = (await runConfig(run)).dataset;
  return { label: label ?? undefined, where };
}

async function runConfig(run: string): Promise<z.infer<typeof configSchema>> {
  const path = join(run, "config.json");
  const parsed = configSchema.safeParse(await readJsonInside(run, "config.json"));
  if (parsed.success) return parsed.data;
  throw new GanglionError(
    "run",
    `${path}: it is not the configuration of a run; give the folder that ganglion train wrote`,
  );
}

/** Names of images whose line in `provenance.jsonl` names another generator, and those without a line; null without the file. */
async function strangers(
  sets: AuditSets,
  generator: string,
): Promise<{ other: string[]; withoutRecord: string[] } | null> {
  const { dataset } = sets.synthetic;
  if (!dataset.reader.imageFiles) return null;
  const bytes = await orUnusable(readInside(dataset.root, "provenance.jsonl"));
  if (bytes === null) return null;
  const known = new Map<string, string>();
  for (const line of bytes.toString("utf8").split("\n")) {
    if (line.trim() === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      continue;
    }
    const parsed = lineSchema.safeParse(value);
    if (parsed.success) known.set(parsed.data.file_name, parsed.data.generator);
  }
  const names = dataset.samples.map(({ fileName }) => fileName);
  return {
    other: names.filter((name) => known.has(name) && known.get(name) !== generator),
    withoutRecord: names.filter((name) => !known.has(name)),
  };
}

/** What a run with differential privacy guarantees. @throws GanglionError `run` or `files` when its budget cannot be read */
export async function guaranteeOf(run: string): Promise<NonNullable<AuditFile["run"]>["differentialPrivacy"]> {
  const guarantee = await readDifferentialPrivacy(run);
  if (guarantee === null) return null;
  const { epsilon, delta, unit, groupSize, accountant } = guarantee;
  return { epsilon, delta, unit: `one ${unit} (group size ${groupSize})`, accountant };
}

/**
 * Whether the synthetic images were made by this run's generator, by the hashes in their `provenance.jsonl`. Needs no
 * discriminator; it does not draw the images again.
 * @throws GanglionError `run` or `files` when the folder holds no run with a generator
 */
export async function checkRun(run: string, sets: AuditSets): Promise<RunCheck> {
  const config = await runConfig(run);
  const generator = await hashInside(run, "generator.onnx").catch((cause: unknown) => {
    if (isNotAFile(cause)) throw cause;
    const message = `${run}: it has no readable generator.onnx; end its training, or give another run`;
    throw new GanglionError("run", message, { cause });
  });
  const found = await strangers(sets, generator);
  const bad = found === null ? null : found.other.length + found.withoutRecord.length;
  const n = sets.synthetic.store.count;
  const cautions: AuditCaution[] = [];
  if (found === null) {
    const message = "The synthetic set has no provenance.jsonl: nothing documents that this run drew it.";
    cautions.push({ code: "no-provenance", message });
  } else if (bad) {
    const named = listed([...found.other, ...found.withoutRecord].slice(0, 5));
    const message = `${bad} of ${n} synthetic images were not drawn by this run's generator (${named}${bad > 5 ? ", …" : ""}): no statement about its training holds for them.`;
    cautions.push({ code: "other-generator", message });
  }
  const objections: AuditObjection[] = [];
  if (config.dataset.hash !== sets.train.hash) {
    const message =
      "The training set given here is not the one that the run names (its hash differs): an audit against other images misses copies. Give the training images themselves.";
    objections.push({ code: "other-training", message });
  }
  const origins = config.start?.origins;
  for (const origin of await foreignOrigins(origins ?? [], sets.train.hash)) {
    cautions.push({ code: "start-data", message: foreignOriginText(origin) });
  }
  const share = bad === null ? null : { value: (n - bad) / n, low: (n - bad) / n, high: (n - bad) / n };
  return {
    run: {
      generator,
      differentialPrivacy: config.differentialPrivacy === undefined ? null : await guaranteeOf(run),
      ...(origins === undefined ? {} : { startedFrom: origins }),
    },
    cautions,
    objections,
    test: {
      kind: ORIGIN,
      id: "run.generator",
      title: "Drawn by this run's generator",
      scope: "all",
      n,
      figures: { share },
      control: null,
      p: null,
      strong: false,
      controlFails: false,
      needs: "Nothing: hashes are compared.",
      limits: "Relies on provenance.jsonl; the images are not drawn again.",
    },
  };
}
