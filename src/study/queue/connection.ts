import type { RedisOptions } from "ioredis";
import { GanglionError } from "../../core/errors.ts";

/** Name of the queue in Redis. */
export const QUEUE = "ganglion-study";

/**
 * Connection of a `redis://` or `rediss://` (TLS) address.
 * @throws GanglionError `usage` when it is none
 */
export function redisOptions(address: string): RedisOptions {
  const url = URL.canParse(address) ? new URL(address) : null;
  const database = Number(url?.pathname.slice(1) || "0");
  if (
    url === null ||
    (url.protocol !== "redis:" && url.protocol !== "rediss:") ||
    url.hostname === "" ||
    !Number.isInteger(database)
  ) {
    const shown = address.replace(/\/\/[^@/]*@/, "//***@");
    const message = `--queue ${shown} is not the address of a Redis; write redis://[:PASSWORD@]HOST[:PORT][/NUMBER] or rediss:// for TLS`;
    throw new GanglionError("usage", message);
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || "6379"),
    ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
    db: database,
    ...(url.protocol === "rediss:" ? { tls: {} } : {}),
    // A queue outlives a restart of Redis: commands wait for the connection.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 6), 5000),
  };
}
