import type { Context } from "hono";
import { z } from "zod";
import { GanglionError, throwIfProblems } from "../../core/errors.ts";
import { schemaProblems } from "../../core/schema-problems.ts";

/** Body of a request. @throws GanglionError `usage` when it is not JSON */
export async function jsonBody(c: Context): Promise<unknown> {
  try {
    return await c.req.json();
  } catch (cause) {
    throw new GanglionError("usage", "the body is not valid JSON", { cause });
  }
}

/** A value from outside that fits a schema. @throws GanglionError `usage` that lists every field that does not */
export function checked<T>(schema: z.ZodType<T>, value: unknown, headline: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throwIfProblems("usage", headline, schemaProblems(schema, parsed.error, value, "value", "request"));
  throw new GanglionError("usage", headline);
}

/** A whole number of a query; empty counts as absent. */
export const wholeNumber = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** Query parameters that are not empty. */
export const queryOf = (c: Context): Record<string, string> =>
  Object.fromEntries(Object.entries(c.req.query()).filter(([, value]) => value !== ""));
