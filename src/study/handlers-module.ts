/**
 * URL of the compiled module that exports `handlers`, which processes of jobs load; where this file runs as TypeScript (tests),
 * the build has it.
 */
export const HANDLERS = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/study/handlers.js" : "./handlers.js",
  import.meta.url,
).href;
