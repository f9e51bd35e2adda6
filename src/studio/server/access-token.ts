import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A secret of 256 random bits, as 43 characters that a URL carries as they are. */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** Whether two secrets are equal, in a time that tells neither their content nor their length. */
export function sameSecret(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

/** Name of the cookie that holds the token. Browsers do not tell ports apart in cookies, so the port is in the name. */
const cookieName = (port: number): string => `ganglion-studio-${port}`;

/** Value of `Set-Cookie`: out of reach of scripts, and not sent with requests that another site begins. */
export const tokenCookie = (port: number, token: string): string =>
  `${cookieName(port)}=${token}; Path=/; HttpOnly; SameSite=Strict`;

/**
 * Whether a request shows the token: by `Authorization: Bearer`, else by a cookie. Another server on this host may have set a
 * cookie of the same name, and a browser sends both: any that holds the token counts.
 */
export function showsToken(headers: Headers, port: number, token: string): boolean {
  const bearer = /^Bearer (\S+)$/i.exec(headers.get("authorization") ?? "");
  if (bearer !== null) return sameSecret(bearer[1]!, token);
  const name = cookieName(port);
  // All are compared, whichever of them is right.
  const right = (headers.get("cookie") ?? "").split(";").filter((pair) => {
    const equals = pair.indexOf("=");
    return pair.slice(0, equals).trim() === name && sameSecret(pair.slice(equals + 1).trim(), token);
  });
  return right.length > 0;
}
