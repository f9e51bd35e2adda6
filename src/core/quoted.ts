/** Most characters of a value from outside that a message shows. */
const MOST = 80;
/** Most characters of a place. */
const MAX_PATH = 400;
/** Most names that a message lists. */
const MAX_NAMES = 20;

/** Control characters, line ends, and marks that turn the direction of the text around them. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const escaped = (text: string): string =>
  text.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The beginning of a text, no character cut in two. */
const beginning = (text: string): string => text.slice(0, MOST).replace(/[\ud800-\udbff]$/, "");

const length = (text: string): string => `(${text.length.toLocaleString("en-US")} characters)`;

/**
 * A value from outside (cell, name, JSON) as a message quotes it: text in double quotes on one line, anything else as JSON; of
 * more than 80 characters the beginning and how many there are.
 */
export function quoted(value: unknown): string {
  if (typeof value !== "string") return named(JSON.stringify(value) ?? String(value));
  if (value.length <= MOST) return escaped(JSON.stringify(value));
  return `${escaped(JSON.stringify(beginning(value)).slice(0, -1))}…" ${length(value)}`;
}

/** A name from outside as it stands in a message without quotes: on one line, shortened like {@link quoted}. */
export function named(text: string): string {
  return text.length <= MOST ? escaped(text) : `${escaped(beginning(text))}… ${length(text)}`;
}

/** A place (file and line) that begins a message: on one line; only what no real path is as long as is shortened. */
export function placed(path: string): string {
  return path.length <= MAX_PATH ? escaped(path) : `${escaped(path.slice(0, MAX_PATH))}… ${length(path)}`;
}

/** Names from outside (classes, columns) in a row, each as {@link named} gives it; after the first 20 only their number. */
export function listed(names: readonly string[]): string {
  const first = names.slice(0, MAX_NAMES).map(named).join(", ");
  return names.length <= MAX_NAMES ? first : `${first} and ${names.length - MAX_NAMES} more`;
}

/** An argument as a shell reads it back, in single quotes where it needs them. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
