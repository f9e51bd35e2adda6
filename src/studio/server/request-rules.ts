import { isIP } from "node:net";
import { hostname } from "node:os";
import { quoted } from "../../core/quoted.ts";

/** Addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  return bare === "localhost" || bare === "::1" || (isIP(bare) === 4 && bare.startsWith("127."));
}

/** Host as it stands in a URL: IPv6 in brackets. */
export const urlHost = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);

/**
 * Whether a `Host` header names this server. A page of another site whose name was made to point here (DNS rebinding)
 * sends that name, so no name but our own is taken; where every address is listened on, plain addresses are.
 * @param host Address or name that is listened on.
 */
function isOwnHost(header: string | null, host: string, port: number): boolean {
  if (header === null) return false;
  const end = `:${port}`;
  const name = header.endsWith(end) ? header.slice(0, -end.length) : port === 80 ? header : null;
  if (name === null) return false;
  const lower = name.toLowerCase();
  if (lower === "localhost" || lower === urlHost(host).toLowerCase()) return true;
  if (host !== "0.0.0.0" && host !== "::") return false;
  return isIP(lower.replace(/^\[|\]$/g, "")) !== 0 || lower === hostname().toLowerCase();
}

/** Methods that change nothing. */
const READS = new Set(["GET", "HEAD"]);

/** A rule that a request breaks, as status and words; null when it keeps all. */
export interface Refusal {
  readonly status: 403 | 405 | 415;
  readonly code: string;
  readonly message: string;
}

/**
 * Rules that every request keeps before its token is looked at: own host, no other site behind it, and for what changes
 * something an `Origin` of our own and JSON or bytes, which no form of another site can send unasked.
 * @param type Type of the body that the call takes.
 */
export function refusalOf(
  method: string,
  headers: Headers,
  host: string,
  port: number,
  type: "application/json" | "application/octet-stream",
): Refusal | null {
  const named = headers.get("host");
  if (!isOwnHost(named, host, port)) {
    const message = `the studio answers under ${urlHost(host)}:${port} only, not under ${quoted(named)}; use the printed URL, and the same port where it is forwarded`;
    return { status: 403, code: "wrong-host", message };
  }
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") {
    const message = "another site began this request; copy the printed URL into the address bar";
    return { status: 403, code: "cross-site", message };
  }
  const origin = headers.get("origin");
  if (origin !== null && origin !== `http://${named}`) {
    return { status: 403, code: "wrong-origin", message: `a page of ${origin} may not ask the studio` };
  }
  if (READS.has(method)) return null;
  if (method !== "POST") {
    return { status: 405, code: "method", message: `the studio takes GET, HEAD and POST, not ${method}` };
  }
  if (origin === null) {
    const message = "a request that changes something must state its Origin, that of the studio's own page";
    return { status: 403, code: "no-origin", message };
  }
  if (headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() !== type) {
    return { status: 415, code: "content-type", message: `the body must be ${type}` };
  }
  return null;
}
