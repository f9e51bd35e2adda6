import { type ErrorCode, GanglionError, invariant } from "../core/errors.ts";
import * as listed from "./families.ts";
import type { MapFamily, ModelFamily, NoiseFamily } from "./family.ts";
import type { InputKind } from "./input-kind.ts";

/** A family under another name than its export does not compile. */
const shipped: { readonly [Name in keyof typeof listed]: ModelFamily & { readonly name: Name } } = listed;
/** Names of the families of this package. */
export type ShippedFamilyName = keyof typeof shipped;

/** The family of a training that names none, and of generator files from noise that name none: it was the only one. */
export const DEFAULT_FAMILY: ShippedFamilyName = "r3gan";

const known = new Map<string, ModelFamily>([[DEFAULT_FAMILY, shipped[DEFAULT_FAMILY]], ...Object.entries(shipped)]);

/** Names of all families, or of those of an input kind; the default one first. */
export const familyNames = (input?: InputKind): string[] =>
  [...known.values()].filter((family) => input === undefined || family.input === input).map(({ name }) => name);

export const isFamily = (name: string): boolean => known.has(name);

/**
 * The networks of a family.
 * @param where What names it, for the message: a file or folder.
 * @throws GanglionError for a name that this version does not know
 */
export function modelFamily(name: string, where: string, code: ErrorCode = "run"): ModelFamily {
  const family = known.get(name);
  if (family !== undefined) return family;
  throw new GanglionError(
    code,
    `${where}: the model is ${JSON.stringify(name)}, which this version does not know (it knows ${familyNames().join(", ")}); use the version that trained it`,
  );
}

/** The family of an architecture, which has been checked. */
export const familyOf = ({ model }: { readonly model: string }): ModelFamily => modelFamily(model, "internal");

export function noiseFamilyOf(a: { readonly model: string }): NoiseFamily {
  const family = familyOf(a);
  invariant(family.input === "noise", `${a.model} draws from noise`);
  return family;
}

export function mapFamilyOf(a: { readonly model: string }): MapFamily {
  const family = familyOf(a);
  invariant(family.input === "maps", `${a.model} fills maps`);
  return family;
}

/** Adds a family; see `registerFamily`, which adds the half that trains too. @returns Takes it away again. */
export function addModelFamily(family: ModelFamily): () => void {
  if (known.has(family.name)) {
    throw new GanglionError("usage", `there is a family ${family.name} already; give this one another name`);
  }
  known.set(family.name, family);
  return () => {
    known.delete(family.name);
  };
}
