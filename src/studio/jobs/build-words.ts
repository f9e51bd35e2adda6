import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { pathWord } from "../../core/command-line.ts";
import { GanglionError } from "../../core/errors.ts";
import { quoted } from "../../core/quoted.ts";
import { familyNames, isFamily } from "../../model/known-families.ts";
import { shippedStarts } from "../../model/shipped-starts.ts";
import { type Field, type FieldValue, fieldsOf, type JobCommand } from "../job-forms.ts";
import { checked } from "../server/request-values.ts";
import { UPLOADS_FOLDER } from "../uploads/upload-limits.ts";
import type { AllowedPaths } from "./allowed-paths.ts";
import { JOBS_FOLDER } from "./job-record.ts";

/** Name of a folder that a command may write: letters and digits of any script. */
export const FOLDER_NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]{0,63}$/u;
/** Folders of a project that the studio itself writes. */
const OWN_NAMES = new Set([JOBS_FOLDER, UPLOADS_FOLDER, "reader-studies"]);

/** File of an image that the page knows by dataset and number; null where it is not open. */
export type ImageNames = (dataset: string, index: number) => string | null;

/** How a form leaves images out. */
export interface LeavingOut {
  readonly nameOf: ImageNames;
  /** Keeps file names for the command. @returns path of a file with one name a line, seen from the project */
  readonly keepNames: (names: readonly string[]) => string;
}
/** For forms that leave nothing out. */
const NO_IMAGES: LeavingOut = { nameOf: () => null, keepNames: () => "" };

/** What a field may hold; the message says what it takes. */
function schemaOf(field: Field): z.ZodType<FieldValue> {
  switch (field.kind) {
    case "input":
    case "start":
    case "network":
      return z.string().min(1).max(4096);
    case "family":
      return z.string().refine(isFamily, `one of ${familyNames().join(", ")}`);
    case "output":
      return z
        .string()
        .regex(FOLDER_NAME, "a name of letters, digits, spaces and . _ -, 64 at most")
        .refine((name) => !/[ .]$/.test(name) && !OWN_NAMES.has(name.toLowerCase()), "choose another name");
    case "whole":
      return z.int().min(field.least).max(field.most);
    case "decimal":
      return z.number().min(field.least).max(field.most);
    case "choice":
      return z.enum(field.options as [string, ...string[]]);
    case "several":
      return z.array(z.enum(field.options as [string, ...string[]])).max(field.options.length);
    case "text":
      return z.string().regex(field.pattern, "this is not what the field takes");
    case "switch":
      return z.boolean();
    case "leaveOut":
      return z.array(z.string().regex(/^[0-9a-f]{12}\/\d{1,9}$/, "the number of an image"));
  }
}

/** The form of a command as a schema: no field but its own, each as it says. */
const formSchema = (fields: readonly Field[]) =>
  z.strictObject(
    Object.fromEntries(
      fields.map((field) => [field.name, field.required ? schemaOf(field) : schemaOf(field).optional()]),
    ),
  );

/** A form without what was left empty. */
const filledIn = (values: unknown): unknown =>
  typeof values !== "object" || values === null
    ? values
    : Object.fromEntries(
        Object.entries(values).filter(
          ([, value]) =>
            value !== "" && value !== null && value !== false && !(Array.isArray(value) && value.length === 0),
        ),
      );

/**
 * Words of a command from a form that was filled in.
 * @param values From outside: nothing of it is taken unchecked, and no path outside of what is allowed.
 * @param leavingOut Defaults to a studio that has no images open.
 * @throws GanglionError `usage` that lists every field which does not fit
 */
export async function buildWords(
  command: JobCommand,
  values: unknown,
  paths: AllowedPaths,
  leavingOut: LeavingOut = NO_IMAGES,
): Promise<string[]> {
  const fields = fieldsOf(command);
  const given = checked(formSchema(fields), filledIn(values), `ganglion ${command} cannot be run like this`);
  const words: string[] = [];
  const flags: string[] = [];
  for (const field of fields) {
    const value = given[field.name];
    if (value === undefined) continue;
    const said = await wordsOf(field, value, paths, leavingOut);
    if (field.flag === null) words.push(...said);
    else if (field.kind === "switch") flags.push(field.flag);
    else for (const word of said) flags.push(field.flag, word);
  }
  return [command, ...words, ...flags];
}

async function wordsOf(
  field: Field,
  value: FieldValue,
  paths: AllowedPaths,
  { nameOf, keepNames }: LeavingOut,
): Promise<string[]> {
  const isPath =
    field.kind === "input" ||
    field.kind === "network" ||
    (field.kind === "start" && !(await shippedNames()).has(String(value)));
  if (isPath) {
    const found = await paths.find(String(value)).catch((error: unknown) => {
      if (!(error instanceof GanglionError)) throw error;
      throw new GanglionError("usage", `${field.name}: ${error.message}`, { cause: error });
    });
    return [field.kind === "network" ? `onnx:${paths.word(found)}` : pathWord(paths.word(found))];
  }
  const given = [value].flat().map(String);
  return field.kind === "leaveOut" ? [keepNames(given.map((image) => knownName(image, nameOf)))] : given;
}

/** @throws GanglionError `usage` */
function knownName(image: string, nameOf: ImageNames): string {
  const [dataset, index] = image.split("/");
  const name = nameOf(dataset!, Number(index));
  if (name !== null && /[\r\n]/.test(name)) {
    throw new GanglionError("usage", `leaveOut: the name of ${quoted(name)} has more than one line; rename the file`);
  }
  if (name !== null) return name;
  throw new GanglionError("usage", "leaveOut: an image is not open any more; choose the folder again");
}

/** Names that `--from` takes beside runs. */
const shippedNames = async (): Promise<ReadonlySet<string>> => new Set((await shippedStarts()).map(({ name }) => name));

/** A name for a new folder of the project that is free. */
export function freeName(project: string, usual: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? usual : `${usual}-${n}`;
    if (!existsSync(join(project, name))) return name;
  }
}
