/** URL of the module that exports `handlers`, which processes of jobs load. */
export const HANDLERS = new URL("./handlers.js", import.meta.url).href;
