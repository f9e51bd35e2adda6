import type { GanglionError, Problem } from "../core/errors.ts";

/** Problems in the order of their images, whichever was decoded first. */
export function inOrder(problems: ReadonlyMap<number, Problem>): Problem[] {
  return [...problems].sort(([a], [b]) => a - b).map(([, problem]) => problem);
}

/** The problem that a failed image comes to. */
export function asProblem(cause: GanglionError, path: string): Problem {
  return cause.problems[0] ?? { code: "unreadable-image", path, message: cause.message };
}
