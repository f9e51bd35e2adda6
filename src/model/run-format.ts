/** What `config.json` of a run calls its format; a later version counts it up. */
export const RUN_FORMAT = "ganglion.run/1";
