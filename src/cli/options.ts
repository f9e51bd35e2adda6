import { InvalidArgumentError } from "commander";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";

/** One of some words; the message of another one names them. */
export const oneOf = <const Word extends string>(words: readonly Word[]) =>
  z.enum(words, { error: `use one of ${words.join(", ")}` });

/**
 * The options of a command by its schema.
 * @param given As commander parsed them, by name.
 * @throws GanglionError `usage` that names the first option which does not fit
 */
export function parseOptions<Options>(schema: z.ZodType<Options>, given: Readonly<Record<string, unknown>>): Options {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const name = String(path[0]);
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new GanglionError("usage", `--${flag} ${given[name]}: ${message}`);
}

/** Parser of an option that may be repeated. */
export const collect = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];

/** Threads of the runtime: a whole number from 1 to 256. */
export function parseThreads(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 256) return Number(text);
  throw new InvalidArgumentError("Give a whole number from 1 to 256.");
}

/** A number above zero. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError("Give a number above 0.");
  }
  return value;
}

/** A share, 0 or more and below 1. */
export function parseShare(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value < 1)) {
    throw new InvalidArgumentError("Give a share from 0 to below 1, e.g. 0.15.");
  }
  return value;
}

/** A whole number from 1. */
export function parsePositiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError("Give a whole number from 1.");
  }
  return value;
}

/** `gamma=2` => ["gamma", 2]; values are JSON, or text where they are not. @throws GanglionError `usage` */
export function parseSetting(text: string): [string, unknown] {
  const at = text.indexOf("=");
  if (at < 1) throw new GanglionError("usage", `--set ${text}: write NAME=VALUE`);
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), JSON.parse(value)];
  } catch {
    return [text.slice(0, at), value];
  }
}
