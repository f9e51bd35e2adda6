import { Redis, type RedisOptions } from "ioredis";
import { GanglionError } from "../../core/errors.ts";
import { redactAddresses, shownAddress } from "../../core/redact.ts";

/** Name in Redis of the queue of a store: a worker on another store would put artefacts where nobody looks. */
export const queueName = (storeId: string): string => `ganglion-study-${storeId}`;

/**
 * Connection of a `redis://` or `rediss://` (TLS) address. A password that is not in it is taken from the environment
 * variable `GANGLION_QUEUE_PASSWORD`, where `ps` does not show it.
 * @throws GanglionError `usage` when it is none
 */
export function redisOptions(
  address: string,
  { GANGLION_QUEUE_PASSWORD }: Readonly<Record<string, string | undefined>> = process.env,
): RedisOptions {
  const url = URL.canParse(address) ? new URL(address) : null;
  const database = Number(url?.pathname.slice(1) || "0");
  if (
    url === null ||
    (url.protocol !== "redis:" && url.protocol !== "rediss:") ||
    url.hostname === "" ||
    !Number.isInteger(database)
  ) {
    const message = `--queue ${shownAddress(address)} is not the address of a Redis; write redis://HOST[:PORT][/NUMBER] or rediss:// for TLS, the password in a file (--queue-password-file)`;
    throw new GanglionError("usage", message);
  }
  const password = decodeURIComponent(url.password) || GANGLION_QUEUE_PASSWORD;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || "6379"),
    ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
    ...(password ? { password } : {}),
    db: database,
    ...(url.protocol === "rediss:" ? { tls: {} } : {}),
    // A queue outlives a restart of Redis: commands wait for the connection.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 6), 5000),
  };
}

const CONNECT_MILLISECONDS = 5_000;
/** The first that BullMQ works with. */
const OLDEST_VERSION = [6, 2];

const HOW_TO_GIVE = "give the right one in --queue-password-file or GANGLION_QUEUE_PASSWORD";

/** Reason why a Redis cannot be used, in words a user can act on. */
function redisProblem(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (/WRONGPASS|invalid password|invalid username-password/i.test(message)) {
    return `it refuses the password; ${HOW_TO_GIVE}`;
  }
  if (/NOAUTH/.test(message)) return `it wants a password; ${HOW_TO_GIVE}`;
  if (/Protocol error/.test(message))
    return "what answers there is no Redis; is it rediss:// (TLS), is the port right?";
  const reasons: Record<string, string> = {
    ECONNREFUSED: "nobody listens there; is Redis running, and are host and port right?",
    ENOTFOUND: "there is no such host",
    EAI_AGAIN: "the name of the host cannot be looked up now",
    ETIMEDOUT: "it does not answer; is the way to it open?",
  };
  return reasons[code ?? ""] ?? redactAddresses(message);
}

/**
 * Looks whether the Redis at an address can serve as a queue.
 * @returns what is not as it should be, for the user to know
 * @throws GanglionError `run` when it cannot be reached, refuses the password or is too old; `usage`
 */
export async function checkRedis(address: string): Promise<string[]> {
  const options = redisOptions(address);
  const where = `Redis at ${options.host}:${options.port}`;
  const redis = new Redis({
    ...options,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: CONNECT_MILLISECONDS,
  });
  let problem: unknown;
  redis.on("error", (cause) => {
    problem ??= cause;
  });
  try {
    await redis.connect();
    const about = await redis.info();
    const of = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(about)?.[1] ?? "";
    const [major, minor] = of("redis_version").split(".").map(Number);
    if (major! < OLDEST_VERSION[0]! || (major === OLDEST_VERSION[0] && minor! < OLDEST_VERSION[1]!)) {
      const message = `${where} is of version ${of("redis_version")}; at least ${OLDEST_VERSION.join(".")} is needed`;
      throw new GanglionError("run", message);
    }
    const notes: string[] = [];
    if (!["", "noeviction"].includes(of("maxmemory_policy"))) {
      notes.push(`${where} may drop jobs when it is full: set its maxmemory-policy to noeviction`);
    }
    if (of("aof_enabled") === "0") {
      notes.push(`${where} keeps no append-only file: after it restarts, jobs are queued again`);
    }
    return notes;
  } catch (cause) {
    if (cause instanceof GanglionError) throw cause;
    throw new GanglionError("run", `cannot use ${where}: ${redisProblem(problem ?? cause)}`, { cause });
  } finally {
    redis.disconnect();
  }
}
