import { realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { quoted } from "../../core/quoted.ts";

/** Whether a path is a folder or lies below it. Both are real paths. */
const isBelow = (path: string, folder: string): boolean => {
  const way = relative(folder, path);
  return way === "" || !(isAbsolute(way) || way === ".." || way.startsWith(`..${sep}`));
};

/** Names that the studio neither lists nor reads below what it was allowed: hidden files keep keys and settings. */
const isHidden = (way: string): boolean => way.split(sep).some((name) => name.startsWith("."));

/** Folders that the page may choose from. */
export class AllowedPaths {
  readonly project: string;
  readonly roots: readonly string[];

  /** Real paths. */
  private constructor(project: string, roots: readonly string[]) {
    this.project = project;
    this.roots = roots;
  }

  /** @param roots Defaults to the user's home, if there is one. @throws GanglionError `files` for a root that is not there */
  static async open(project: string, roots?: readonly string[]): Promise<AllowedPaths> {
    if (roots === undefined) {
      const home = await realpath(homedir()).catch(() => null);
      return new AllowedPaths(project, home === null ? [] : [home]);
    }
    const real = roots.map((root) =>
      realpath(root).catch((cause) => {
        throw fileError("open", root, cause);
      }),
    );
    return new AllowedPaths(project, [...new Set(await Promise.all(real))]);
  }

  /**
   * Real path of something that is there, inside the project or a root; links are followed first.
   * @throws GanglionError `usage` for what is outside, hidden, or not there
   */
  async find(path: string): Promise<string> {
    const real = path.includes("\0") ? null : await realpath(resolve(this.project, path)).catch(() => null);
    const inside = real !== null && [this.project, ...this.roots].some((root) => this.#shows(real, root));
    if (real !== null && inside) return real;
    // Whether there is such a path is not said of what lies outside.
    const message = `${quoted(path)} is not there, or not inside what this studio may read; choose a folder of the project, or start it with --root FOLDER`;
    throw new GanglionError("usage", message);
  }

  /** A path as a command in the project's folder names it. */
  word(real: string): string {
    return isBelow(real, this.project) ? relative(this.project, real) || "." : real;
  }

  #shows = (real: string, root: string): boolean => isBelow(real, root) && !isHidden(relative(root, real));
}
