import type { RunConfig } from "../run-config.ts";
import type { Privacy } from "./privacy.ts";

/** What the configuration of a run that is trained with differential privacy says besides. */
export interface Private {
  readonly differentialPrivacy: Privacy;
}

export const isPrivate = <C extends RunConfig>(config: C): config is C & Private =>
  config.differentialPrivacy !== undefined;
