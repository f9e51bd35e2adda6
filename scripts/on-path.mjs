import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Path of a program on the PATH of `env`, of this process also in /usr/sbin, where Debian keeps servers; else undefined. */
export function onPath(name, env) {
  const folders = [...(env.PATH ?? "").split(delimiter), ...(env === process.env ? ["/usr/sbin"] : [])];
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
