import { GanglionError, invariant } from "../../core/errors.ts";
import { nearestName } from "../../core/nearest-name.ts";
import { listed, placed } from "../../core/quoted.ts";
import { type Architecture, type CarriedWeights, carryWeights, type Network } from "../../model/index.ts";
import { architectureOf } from "../config.ts";
import { drawnWeights, type FirstWeights } from "../initial-state.ts";
import { trainingFamily } from "../known-families.ts";
import type { RunConfig } from "../run-config.ts";
import type { Start, StartConfig } from "./start.ts";
import { withoutHeads } from "./without-heads.ts";

/** First weights of a training from a start, and what to say of them. */
export interface Beginning {
  readonly weights: FirstWeights;
  readonly notes: readonly string[];
}

/** What a configuration says of a start. @param given See {@link startClasses}. */
export const startConfig = (start: Start, classes: readonly string[], given: readonly string[]): StartConfig => ({
  path: start.path,
  classes: startClasses(classes, start, given),
  origins: [...start.origins],
});

/**
 * The class of the start for each class of a training: the one that `NEW=OLD` names, else the one of the same name, else none.
 * @param given `NEW=OLD`.
 * @throws GanglionError `usage` for a class that either side does not have
 */
function startClasses(classes: readonly string[], start: Start, given: readonly string[]): (string | null)[] {
  const named = new Map<string, string>();
  for (const text of given) {
    const at = text.indexOf("=");
    if (at < 1) throw new GanglionError("usage", `--from-class ${text}: write NEW=OLD, e.g. nv=nevus`);
    const [fresh, old] = [text.slice(0, at), text.slice(at + 1)];
    refuseUnknown(text, fresh, classes, "the images have no class");
    refuseUnknown(text, old, start.classNames, `${placed(start.path)} has no class`);
    const before = named.get(fresh);
    if (before !== undefined && before !== old) {
      const message = `--from-class ${text}: ${fresh} begins as ${before} already; name each class once`;
      throw new GanglionError("usage", message);
    }
    named.set(fresh, old);
  }
  return classes.map((name) => named.get(name) ?? (start.classNames.includes(name) ? name : null));
}

function refuseUnknown(text: string, name: string, known: readonly string[], what: string): void {
  if (known.includes(name)) return;
  const near = nearestName(name, known);
  throw new GanglionError(
    "usage",
    `--from-class ${text}: ${what} ${JSON.stringify(name)}; use ${near === undefined ? `one of ${listed(known)}` : near}`,
  );
}

/**
 * Carries the weights of a start to the networks of a run.
 * @throws GanglionError `usage` that names the first weight that does not fit
 */
export function beginFrom(given: Start, config: RunConfig): Beginning {
  const to = architectureOf(config);
  const start = judgesAlike(given, config) ? given : withoutHeads(given);
  const { path, architecture: from } = start;
  refuseOtherKind(start, to);
  const said = config.start;
  invariant(said !== undefined, "a run from a start says so");
  const first = drawnWeights(to, config.seed);
  const classes = said.classes.map((name) => (name === null ? null : start.classNames.indexOf(name)));
  const carry = (network: Network, weights: Float32Array, own: Float32Array) => {
    const carried = carryWeights(network, { architecture: from, weights }, { architecture: to, first: own, classes });
    if (carried.unfit === null) return carried;
    const { name, from: before, to: after } = carried.unfit;
    const message = `--from ${placed(path)}: its ${network} has another width or depth (${name} is ${before.join(" x ")}, here ${after.join(" x ")}); omit --preset and --set networks.*, which follow from the start`;
    throw new GanglionError("usage", message);
  };
  const generator = carry("generator", start.generator, first.generator);
  const average = carry("generator", start.average, first.average);
  const discriminator =
    start.discriminator === null ? null : carry("discriminator", start.discriminator, first.discriminator);
  return {
    weights: {
      generator: generator.weights,
      average: average.weights,
      discriminator: discriminator?.weights ?? first.discriminator,
    },
    notes: notesOf({ start, config, said, generator, discriminator }),
  };
}

/** What is known of a frozen network in the networks of families that have heads for one. */
interface Judged {
  readonly frozen?: { readonly sha256: string; readonly taps: readonly unknown[] };
}

/** Whether a run has heads for the same layers of the same frozen network as its start: what they learned says nothing of other layers. */
function judgesAlike({ networks }: Start, config: RunConfig): boolean {
  const [before, after] = [networks, config.networks].map((of) => (of as Judged).frozen);
  return before?.sha256 === after?.sha256 && JSON.stringify(before?.taps) === JSON.stringify(after?.taps);
}

/** @throws GanglionError `usage` for a start of another family than a training is of */
export function refuseOtherFamily({ path, architecture }: Start, model: string): void {
  if (architecture.model === model) return;
  const message = `--from ${placed(path)}: it is of ${architecture.model}, the training of ${model}; add --model ${architecture.model}`;
  throw new GanglionError("usage", message);
}

/** @throws GanglionError `usage` for a start that a training of this kind cannot begin from, whatever the weights */
function refuseOtherKind({ path, architecture: from, classNames }: Start, to: Architecture): void {
  const refuse = (what: string) => {
    throw new GanglionError("usage", `--from ${placed(path)}: ${what}`);
  };
  if (from.model !== to.model) refuse(`it is of ${from.model}, the training of ${to.model}; add --model ${from.model}`);
  const { resized } = trainingFamily(to);
  if (resized !== undefined) return;
  if (from.resolution !== to.resolution)
    refuse(`${to.model} begins only from a start of its own resolution; add --resolution ${from.resolution}`);
  if (from.channels !== to.channels || from.classes !== to.classes)
    refuse(
      `${to.model} begins only from a start of as many classes and channels: it has ${from.classes} (${listed(classNames)}) and ${from.channels}, the images ${to.classes} and ${to.channels}`,
    );
}

interface Begun {
  readonly start: Start;
  readonly config: RunConfig;
  readonly said: StartConfig;
  readonly generator: CarriedWeights;
  readonly discriminator: CarriedWeights | null;
}

/** `31 weights copied, 1 fitted (seed.weight), 2 new (stage5.noise ...)`. */
function words({ copied, fitted, fresh }: CarriedWeights): string {
  const some = (names: readonly string[]) => {
    const layers = [...new Set(names.map((name) => name.replace(/\.(weight|bias)$/, "")))];
    return layers.length > 4 ? `${layers.slice(0, 3).join(", ")} and ${layers.length - 3} more` : layers.join(", ");
  };
  const parts = [`${copied.length} weights copied`];
  if (fitted.length > 0) parts.push(`${fitted.length} fitted (${some(fitted)})`);
  if (fresh.length > 0) parts.push(`${fresh.length} new (${some(fresh)})`);
  return parts.join(", ");
}

function notesOf({ start, config, said, generator, discriminator }: Begun): string[] {
  const { origins, path, architecture } = start;
  const [{ license, imagesSeen }] = origins as [StartConfig["origins"][number]];
  const { classes } = config.dataset;
  const sources = classes.map((name, i) => {
    const source = said.classes[i] ?? null;
    if (source === name) return name;
    return source === null ? `${name} (new: the mean of ${start.classNames.length})` : `${name} (as ${source})`;
  });
  const frozen = trainingFamily(config).frozen?.(config) ?? [];
  const size = `${architecture.resolution} px, ${imagesSeen.toLocaleString("en-US")} images seen, licence ${license}`;
  const lines = [
    `begins from ${placed(path)}: ${size}`,
    `  generator: ${words(generator)}`,
    `  discriminator: ${discriminator === null ? "the start has none, a new one learns first" : words(discriminator)}${frozen.length > 0 ? `, ${frozen.length} frozen` : ""}`,
    `  classes: ${sources.join(", ")}`,
  ];
  return lines;
}
