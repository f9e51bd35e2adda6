import { fileURLToPath } from "node:url";

/** The command that a terminal would run, in the build. */
export const MAIN = fileURLToPath(new URL("../../cli/main.js", import.meta.url));
