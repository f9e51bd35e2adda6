import type { Problem } from "./errors.ts";
import { nearestName } from "./nearest-name.ts";
import { quoted } from "./quoted.ts";

/** What a schema library says is wrong at one place; `z.core.$ZodIssue` is one. */
interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Details = Readonly<Record<string, unknown>>;

/** Place in a JSON value: keys and positions (from 0) with dots between, `arms.synthetic.0.ratios`; empty for the whole. */
const plainPath = (path: readonly PropertyKey[]): string =>
  path.map((key) => (/^[$\w-]{1,80}$/.test(String(key)) ? String(key) : quoted(String(key)))).join(".");

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

/** Names of JSON types; anything else is named as the library does. */
const TYPES: Readonly<Record<string, string>> = {
  string: "text in double quotes",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list [...]",
  tuple: "a list [...]",
  object: "an object {...}",
  record: "an object {...}",
  null: "null",
};

const typeName = (expected: unknown): string => TYPES[String(expected)] ?? String(expected);

const found = (value: unknown): string => (value === undefined ? "nothing is there" : `found ${quoted(value)}`);
const allowed = (values: unknown): string => (values as readonly unknown[]).map(quoted).join(", ");

/** Bound of a size: `at least 1`, `above 0`, in units of what is counted. */
function bound(details: Details, side: "least" | "most"): string {
  const limit = Number(side === "least" ? details.minimum : details.maximum);
  const inclusive = details.inclusive !== false;
  const words = side === "least" ? ["at least", "above"] : ["at most", "below"];
  const shown = `${inclusive ? words[0] : words[1]} ${limit.toLocaleString("en-US", { maximumFractionDigits: 20 })}`;
  const plural = limit === 1 ? "" : "s";
  if (details.origin === "string") return `write text of ${shown} character${plural}`;
  if (["array", "set", "tuple"].includes(String(details.origin)))
    return `give a list of ${shown} entr${limit === 1 ? "y" : "ies"}`;
  return `give a ${details.origin === "int" ? "whole number" : "number"} ${shown}`;
}

/** Forms of text by name. */
const FORMATS: Readonly<Record<string, string>> = {
  date: "a day as YYYY-MM-DD",
  datetime: "a time as YYYY-MM-DDTHH:MM:SSZ",
  url: "an address that begins with https://",
  email: "an e-mail address",
};

/** Rule and remedy of an issue, without the value. */
function rule(issue: Issue & Details): string {
  switch (issue.code) {
    case "invalid_type":
      return `write ${typeName(issue.expected)}`;
    case "invalid_value":
      return (issue.values as readonly unknown[]).length === 1
        ? `write ${allowed(issue.values)}`
        : `write one of ${allowed(issue.values)}`;
    case "too_small":
      return bound(issue, "least");
    case "too_big":
      return bound(issue, "most");
    case "not_multiple_of":
      return `give a multiple of ${String(issue.divisor)}`;
    case "invalid_format": {
      // A pattern carries words of our own; the library's begin alike.
      if (!issue.message.startsWith("Invalid ")) return issue.message;
      return `write ${FORMATS[String(issue.format)] ?? `text of the form ${String(issue.pattern ?? issue.format)}`}`;
    }
    default:
      return issue.message.startsWith("Invalid input") ? "this value fits none of the allowed forms" : issue.message;
  }
}

/** Issues of the form of a union that the value comes nearest to: the one with the fewest, and deepest, complaints. */
function nearestForm(issue: Details): readonly Issue[] {
  const forms = (issue.errors ?? []) as readonly (readonly Issue[])[];
  const depth = (form: readonly Issue[]) => Math.max(0, ...form.map(({ path }) => path.length));
  const [best] = [...forms].sort((a, b) => depth(b) - depth(a) || a.length - b.length);
  return best ?? [];
}

/** The forms of a union of plain values, e.g. `a number, or "balance"`; null where a form is deeper. */
function plainForms(issue: Details): string | null {
  const forms = (issue.errors ?? []) as readonly (readonly (Issue & Details)[])[];
  if (forms.length === 0 || forms.some((form) => form.some(({ path }) => path.length > 0))) return null;
  const words = forms.flatMap((form) =>
    form.slice(0, 1).map((one) => rule(one).replace(/^(write|give) (one of )?/, "")),
  );
  return `write ${[...new Set(words)].join(", or ")}`;
}

function problemsOf(issue: Issue & Details, value: unknown, before: readonly PropertyKey[], schema: unknown): Found[] {
  const path = [...before, ...issue.path];
  const at = valueAt(value, path);
  const say = (words: string, place = path): Found => ({ path: plainPath(place), message: words });
  if (issue.code === "unrecognized_keys") {
    const names = keysAt(schema, path);
    return (issue.keys as readonly string[]).map((key) => {
      const near = nearestName(key, names);
      const meant = near === undefined ? "" : `, perhaps ${quoted(near)} is meant`;
      const there = names.length === 0 ? "" : `; the keys are ${names.join(", ")}`;
      return say(`there is no key ${quoted(key)}${meant}; correct or remove it${there}`, [...path, key]);
    });
  }
  if (issue.code === "invalid_key") {
    const [inner] = (issue.issues ?? []) as readonly (Issue & Details)[];
    return [say(`the key ${quoted(path.at(-1))} cannot be used: ${inner === undefined ? "rename it" : rule(inner)}`)];
  }
  if (issue.code === "invalid_union") {
    if (typeof issue.discriminator === "string") {
      return [say(`${found(at)}; write one of ${allowed(valuesAt(schema, path))}`)];
    }
    const plain = plainForms(issue);
    if (plain !== null) return [say(`${found(at)}; ${plain}`)];
    return nearestForm(issue).flatMap((inner) => problemsOf(inner as Issue & Details, value, path, schema));
  }
  return [say(`${found(at)}; ${rule(issue)}`)];
}

interface Found {
  readonly path: string;
  readonly message: string;
}

/** Schema of an object as far as its keys are asked for. */
interface Schema {
  readonly _zod: { readonly def: unknown };
}

/** Schemas that may stand for a value at `path`, wrappers taken off. */
function schemasAt(schema: unknown, path: readonly PropertyKey[]): Record<string, unknown>[] {
  const def = (schema as Schema | undefined)?._zod?.def as Record<string, unknown> | undefined;
  if (def === undefined) return [];
  if (def.innerType !== undefined) return schemasAt(def.innerType, path);
  if (Array.isArray(def.options)) return def.options.flatMap((option) => schemasAt(option, path));
  if (def.type === "pipe") return schemasAt(def.in, path);
  const [key, ...rest] = path;
  if (key === undefined) return [def];
  if (def.type === "object") return schemasAt((def.shape as Record<PropertyKey, unknown>)[key], rest);
  if (def.type === "array") return schemasAt(def.element, rest);
  if (def.type === "record") return schemasAt(def.valueType, rest);
  return [];
}

/** Keys that an object at `path` may have; none where that is not known. */
const keysAt = (schema: unknown, path: readonly PropertyKey[]): string[] => [
  ...new Set(schemasAt(schema, path).flatMap(({ shape }) => Object.keys((shape as object | undefined) ?? {}))),
];

/** Single values that may stand at `path`; none where that is not known. */
const valuesAt = (schema: unknown, path: readonly PropertyKey[]): unknown[] => [
  ...new Set(
    schemasAt(schema, path).flatMap(({ values, entries }) =>
      Array.isArray(values) ? values : Object.values((entries as object | undefined) ?? {}),
    ),
  ),
];

/**
 * What is wrong with a value from outside, in plain words: place, value found, and what to write; a wrong key with the one
 * that was most likely meant.
 * @param error What `schema.safeParse(value)` gave.
 * @param whole What the value as a whole is called where it is wrong. Defaults to `(whole file)`.
 */
export function schemaProblems(
  schema: unknown,
  error: { readonly issues: readonly Issue[] },
  value: unknown,
  code: string,
  whole = "(whole file)",
): Problem[] {
  return error.issues
    .flatMap((issue) => problemsOf(issue as Issue & Details, value, [], schema))
    .map(({ path, message }) => ({ code, path: path || whole, message }));
}

/** The same in one line, for messages that name a file of our own. */
export const schemaText = (...args: Parameters<typeof schemaProblems>): string =>
  schemaProblems(...args)
    .map(({ path, message }) => `${path}: ${message}`)
    .join("; ");
