import { onPath } from "./on-path.mjs";

/** Path of the Redis server, or null. */
export const findRedis = (env = process.env) => onPath("redis-server", env) ?? null;
