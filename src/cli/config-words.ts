import { readFileSync } from "node:fs";
import type { Command, Option } from "commander";
import { GanglionError } from "../core/errors.ts";
import { fileError, parseJson } from "../core/files.ts";
import { nearestName } from "../core/nearest-name.ts";

const taking = new WeakSet<Command>();

/** Declares `--config`, a file of the command's other options. */
export function addConfigOption(command: Command): Command {
  taking.add(command);
  return command.option("--config <FILE>", "JSON object of these options; what is given on the command line wins");
}

/**
 * A command line with the options of the file that its `--config` names before its own, which win; unchanged where it has none or takes none.
 * @param words After the name of the command.
 * @throws GanglionError `files`, `usage` for a key or a value that is no option of the command
 */
export function withConfigWords(command: Command, words: readonly string[]): string[] {
  const path = fileOf(words);
  if (path === undefined || !taking.has(command)) return [...words];
  const known = new Map(command.options.map((option) => [option.attributeName(), option]));
  const problem = (text: string): never => {
    throw new GanglionError("usage", `--config ${path}: ${text}`);
  };
  const added = Object.entries(readObject(path)).flatMap(([key, value]) => {
    const option = known.get(key.replace(/^--/, "").replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()));
    if (option === undefined || option.long === "--config") {
      return problem(`there is no option ${JSON.stringify(key)}; ${suggestion(key, [...known.values()])}`);
    }
    const flag = option.long!;
    if (words.some((word) => word === flag || word.startsWith(`${flag}=`))) return [];
    if (option.isBoolean()) {
      if (typeof value !== "boolean") problem(`${key} is ${JSON.stringify(value)}; give true or false`);
      return value === true ? [flag] : [];
    }
    return (Array.isArray(value) ? value : [value]).map((one) => {
      if (typeof one !== "string" && typeof one !== "number") {
        problem(`${key} is ${JSON.stringify(one)}; give a text or a number`);
      }
      return `${flag}=${one}`;
    });
  });
  return [...added, ...words];
}

function suggestion(key: string, options: readonly Option[]): string {
  const names = options.map(({ long }) => long!.slice(2));
  const near = nearestName(key, names);
  return near === undefined ? `there are ${names.join(", ")}` : `is ${near} meant?`;
}

function fileOf(words: readonly string[]): string | undefined {
  const at = words.indexOf("--config");
  return at >= 0 ? words[at + 1] : words.find((word) => word.startsWith("--config="))?.slice("--config=".length);
}

function readObject(path: string): object {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw fileError("read", path, cause);
  }
  const value: unknown = parseJson(text, path);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new GanglionError("usage", `--config ${path}: write one JSON object of options, e.g. {"preset":"small"}`);
  }
  return value;
}
