import { invariant } from "../core/errors.ts";
import type { ModelFamily } from "../model/index.ts";
import { addModelFamily, type ShippedFamilyName } from "../model/known-families.ts";
import * as listed from "./families.ts";
import type { TrainingFamily } from "./family.ts";

/** A family of `src/model/families.ts` without its half here, or a half that lacks a part, does not compile. */
const shipped: { readonly [Name in ShippedFamilyName]: TrainingFamily } = listed;
const known = new Map<string, TrainingFamily>(Object.entries(shipped));

/** What training needs of the family of a configuration, which has been checked. */
export function trainingFamily({ model }: { readonly model: string }): TrainingFamily {
  const family = known.get(model);
  invariant(family !== undefined, `the family ${model} has no training`);
  return family;
}

/** A family of models of one's own. */
export interface Family {
  readonly model: ModelFamily;
  readonly training: TrainingFamily;
}

/**
 * Makes a family known to this process, as if it were one of the package: its runs are trained, resumed and drawn from. Threads
 * that feed a training load the module that it names; processes of a study know it when Node was started with `--import` of a module that calls this (docs/families.md).
 * @returns Takes the family away again.
 * @throws GanglionError `usage` for a name that is taken
 */
export function registerFamily({ model, training }: Family): () => void {
  const removeModel = addModelFamily(model);
  known.set(model.name, training);
  return () => {
    removeModel();
    known.delete(model.name);
  };
}
