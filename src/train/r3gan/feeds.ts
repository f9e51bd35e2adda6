// The module that prepares the inputs of a step of r3gan.
export { noiseFeeds as feedSource } from "../noise-feeds.ts";
