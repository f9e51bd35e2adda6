import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A secret of 256 random bits, as 43 characters that a URL carries as they are. */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** Whether two secrets are equal, in a time that tells neither their content nor their length. */
export function sameSecret(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

/** Name of the cookie that holds the token. Browsers do not tell ports apart in cookies, so the port is in the name. */
export const cookieName = (port: number): string => `ganglion-studio-${port}`;

/** Value of `Set-Cookie`: out of reach of scripts, and not sent with requests that another site begins. */
export const tokenCookie = (port: number, token: string): string =>
  `${cookieName(port)}=${token}; Path=/; HttpOnly; SameSite=Strict`;

/** The token that a request shows: of `Authorization: Bearer`, else of the cookie; null without one. */
export function shownToken(headers: Headers, port: number): string | null {
  const bearer = /^Bearer (\S+)$/i.exec(headers.get("authorization") ?? "");
  if (bearer !== null) return bearer[1];
  const name = cookieName(port);
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return null;
}
