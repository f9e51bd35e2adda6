import { GanglionError } from "./errors.ts";

/** Text in quotes, comments, and commas before a closing bracket with what may stand between. */
const TOKENS = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|,(?=(?:\s|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*[\]}])/g;

/**
 * Parses JSON in which comments (from two slashes to the end of a line, or between slash and star) and a comma after the last
 * entry are allowed.
 * @param path Name of the file, for messages.
 * @throws GanglionError `usage` that names the line
 */
export function parseJsonWithComments(text: string, path: string): unknown {
  // Lines and columns stay where they are, so that the message of the parser fits the file.
  const plain = text
    .replace(/^\ufeff/, " ")
    .replace(TOKENS, (token) => (token.startsWith('"') ? token : token.replace(/[^\n]/g, " ")));
  try {
    return JSON.parse(plain);
  } catch (cause) {
    const said = String((cause as Error).message).split("\n")[0]!;
    const at = /position (\d+)/.exec(said)?.[1];
    const line = at === undefined ? "" : `:${plain.slice(0, Number(at)).split("\n").length}`;
    throw new GanglionError("usage", `${path}${line}: this is not JSON (${said.slice(0, 120)}); correct the file`);
  }
}
