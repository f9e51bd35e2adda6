import { onPath } from "./on-path.mjs";

/** Path of strace, or null: it is there on Linux only. */
export const findStrace = (env = process.env) => onPath("strace", env) ?? null;
