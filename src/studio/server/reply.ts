import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { GanglionError } from "../../core/errors.ts";
import { isNotAFile } from "../../core/inside-folder.ts";
import type { ApiError } from "../api.ts";

/** An error as the page reads it. */
export function errorReply(c: Context, status: ContentfulStatusCode, code: string, message: string): Response {
  return c.json({ error: { code, message } } satisfies ApiError, status);
}

export const notFound = (c: Context, what: string): Response =>
  errorReply(c, 404, "not-found", `there is no ${what}; open the studio's first page again`);

/**
 * Reply to what a handler threw. What was wrong with the request is said; anything else may name files, which may name
 * patients, and is said to `note` (the terminal) alone.
 */
export function failureReply(c: Context, error: unknown, note: (message: string) => void): Response {
  if (error instanceof GanglionError && error.code === "usage") return errorReply(c, 400, "usage", error.message);
  if (error instanceof GanglionError && error.code === "refused") return errorReply(c, 409, "refused", error.message);
  const said = error instanceof GanglionError ? error.message : String((error as Error)?.stack ?? error);
  note(`studio: ${c.req.method} ${c.req.path}: ${said}`);
  if (isNotAFile(error)) {
    const message =
      "a link, or something else that is not a file, is in place of this; the terminal of `ganglion studio` says where";
    return c.req.method === "GET" ? errorReply(c, 404, "not-found", message) : errorReply(c, 409, "refused", message);
  }
  const code = error instanceof GanglionError ? error.code : "internal";
  return errorReply(c, 500, code, "this did not work; the terminal of `ganglion studio` says why");
}
