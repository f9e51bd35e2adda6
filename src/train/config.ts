import { basename, dirname } from "node:path";
import { z } from "zod";
import { GanglionError, type Problem } from "../core/errors.ts";
import { readJsonInside } from "../core/inside-folder.ts";
import { schemaProblems } from "../core/schema-problems.ts";
import { type Architecture, modelFamily } from "../model/index.ts";
import { growProblem } from "./growth/grow-recipe.ts";
import type { Stage } from "./growth/stages.ts";
import { trainingFamily } from "./known-families.ts";
import { mapsSchema, privacyField, type RunConfig, sharedSchema } from "./run-config.ts";

const namedSchema = z.looseObject({ model: z.string() });

/** Shapes of the networks that a configuration asks for. @param stage Of a training that grows. Defaults to the whole ones. */
export const architectureOf = (config: RunConfig, stage?: Stage): Architecture =>
  trainingFamily(config).design(config, stage);

/** What the configuration of a run of a family says. */
function schemaOf(model: string): z.ZodType<RunConfig> {
  const { input } = modelFamily(model, "internal");
  const { networksSchema, recipeSchema, privacy } = trainingFamily({ model });
  const schema = sharedSchema.extend({
    model: z.literal(model),
    networks: networksSchema,
    recipe: recipeSchema,
    ...("refused" in privacy ? {} : privacyField),
    ...(input === "maps" ? { maps: mapsSchema } : {}),
  });
  // Spread fields are unknown to the compiler; a recipe's batch is asked for by the interface of families.
  return schema as unknown as z.ZodType<RunConfig>;
}

/**
 * Checks a configuration from outside.
 * @throws GanglionError `run` that lists every field that does not fit, or names a family that is not known
 */
export function parseConfig(value: unknown, path: string): RunConfig {
  const named = namedSchema.safeParse(value);
  const schema = named.success
    ? schemaOf(modelFamily(named.data.model, path).name)
    : sharedSchema.extend(namedSchema.shape);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data as RunConfig;
  throw configError(path, schemaProblems(schema, parsed.error, value, "run-config"));
}

/** The configuration that options resolve to. @throws GanglionError `usage` that lists every option that does not fit */
export function parseResolved(value: { readonly model: string }): RunConfig {
  const schema = schemaOf(value.model);
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    const config = parsed.data as RunConfig;
    const problem = trainingFamily(config).budgetProblem?.(config) ?? growProblem(config);
    if (problem !== null) throw new GanglionError("usage", problem);
    return config;
  }
  const said = schemaProblems(schema, parsed.error, value, "run-config").map(({ path, message }) => {
    const name = path.replace(/^recipe\./, "");
    return `  ${/^(recipe|networks)\./.test(path) ? `--set ${name}` : path}${name === "batch" ? " or --batch" : ""}: ${message}`;
  });
  throw new GanglionError("usage", `options that do not fit:\n${said.join("\n")}`);
}

function configError(path: string, found: readonly Problem[]): GanglionError {
  const problems = found.map((problem) => `${problem.path}: ${problem.message}`);
  return new GanglionError(
    "run",
    `${path} is not the configuration of a run of this version:\n  ${problems.join("\n  ")}\n  name the folder of a \`ganglion train\` run, or train again`,
  );
}

export async function readConfig(path: string): Promise<RunConfig> {
  return parseConfig(await readJsonInside(dirname(path), basename(path)), path);
}
