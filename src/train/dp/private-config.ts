import type { R3ganConfig, RunConfig } from "../config.ts";
import type { Privacy } from "./privacy.ts";

/** Configuration of a run that is trained with differential privacy. */
export type PrivateConfig = R3ganConfig & { readonly differentialPrivacy: Privacy };

export const isPrivate = (config: RunConfig): config is PrivateConfig =>
  config.model === "r3gan" && config.differentialPrivacy !== undefined;
