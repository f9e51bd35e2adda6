import { stat } from "node:fs/promises";
import { joinInside } from "../../core/files.ts";
import { listed, quoted } from "../../core/quoted.ts";
import { FileIndex, plainPath } from "./file-index.ts";
import { imageKind, isImageName, READ_ENDINGS } from "./image-kinds.ts";

/** A file that a cell of a table names, or what is wrong with it. */
export type Located =
  | { readonly path: string /** Written as the file is called. */; readonly exact: boolean }
  | { readonly code: string; readonly message: string };

/** Problems of files that are not there or broken, which may be left out. */
export const DAMAGED: ReadonlySet<string> = new Set(["missing-image", "empty-file"]);

/** A place that a cell names: inside the root, from the folder of the table; null where it leads out. */
function inside(root: string, name: string, base: string): string | null {
  const direct = name.replace(/^(\.\/)+/, "");
  const whole = base === "" ? direct : `${base}/${direct}`;
  const path = joinInside(root, whole);
  return path === null ? null : whole;
}

/** Finds the files of a dataset that tables name, in the spelling of the table or another one. */
export class Locator {
  readonly #root: string;
  readonly #list: () => Promise<readonly string[]>;
  #index: Promise<FileIndex> | null = null;

  /** @param list Paths that a name may be matched with; only asked where a name is not that of a file. */
  constructor(root: string, list: () => Promise<readonly string[]>) {
    this.#root = root;
    this.#list = list;
  }

  /**
   * @param cell As the table has it.
   * @param base Folder of the table, empty for the root.
   * @param what `image` or `mask`, for messages.
   * @param among Of files that fit alike, those that may be meant. Defaults to all.
   */
  async locate(
    cell: string,
    base: string,
    what: string,
    among: (path: string) => boolean = () => true,
  ): Promise<Located> {
    const name = cell.trim();
    const direct = inside(this.#root, name, base);
    // An id without an ending is no file by itself; it is looked up first, so that the disk is not asked in vain.
    const found = imageKind(name) === null && direct !== null ? await this.#lookUp(name, base) : [];
    const own = direct === null || found.length === 1 ? null : await this.#check(direct, what);
    if (own !== null && ("path" in own || !FINDS_ANOTHER.has(own.code))) return own;
    // A way out of the folder is no name of a file inside it, whatever that is called.
    const leadsOut = /(^|\/)\.\.(\/|$)/.test(plainPath(name)) && direct === null;
    const alike = found.length > 0 ? found : leadsOut ? [] : await this.#lookUp(name, base);
    const meant = alike.length > 1 ? alike.filter(among) : alike;
    const paths = meant.length === 0 ? alike : meant;
    if (paths.length === 1) {
      const file = (await this.#check(paths[0]!, what)) ?? this.#missing(name, what);
      return "path" in file ? { path: file.path, exact: false } : file;
    }
    if (paths.length > 1) {
      const message = `the ${what} ${quoted(name)} fits ${paths.length} files alike (${listed(paths.slice(0, 3))}); write the path from the dataset folder, or remove the other files${what === "mask" ? ', or read no masks with --mask ""' : ""}`;
      return { code: "ambiguous-file", message };
    }
    if (direct === null) {
      const message = `the ${what} path ${quoted(name)} leads out of the dataset folder; use a path relative to it, without ..`;
      return { code: "path-outside", message };
    }
    return own ?? this.#missing(name, what);
  }

  async #lookUp(name: string, base: string): Promise<readonly string[]> {
    this.#index ??= this.#list().then((paths) => new FileIndex(paths));
    return (await this.#index).find(name, base).paths;
  }

  #missing(name: string, what: string): Located {
    const also = imageKind(name) === null ? ", with an ending or without" : "";
    const message = `the ${what} ${quoted(name)} does not exist${also}; add the file, correct the path or remove the row (inspect and import: --skip-damaged leaves it out)`;
    return { code: "missing-image", message };
  }

  /** Looks at a file; null where there is none of this name. */
  async #check(name: string, what: string): Promise<Located | null> {
    const path = joinInside(this.#root, name);
    if (path === null) return null;
    const shown = quoted(name);
    try {
      const found = await stat(path);
      if (!isImageName(name)) {
        const kind = imageKind(name);
        if (!found.isFile()) return null;
        const is = kind === null ? `has none of the endings ${READ_ENDINGS}` : `is ${kind.name}, which is not read`;
        return { code: "image-format", message: `the ${what} ${shown} ${is}; convert it to PNG or JPEG` };
      }
      if (!found.isFile()) {
        return { code: "missing-image", message: `the ${what} ${shown} is not a file; correct the path` };
      }
      if (found.size > 0) return { path: name, exact: true };
      return { code: "empty-file", message: `the ${what} ${shown} is empty (0 bytes); restore it or remove the row` };
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
      if (["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ERR_INVALID_ARG_VALUE"].includes(code)) return null;
      const message = `the ${what} ${shown} cannot be read (${code}); add the file, correct the path or remove the row`;
      return { code: "missing-image", message };
    }
  }
}

/** Problems of a name that another file may still fit: `1.txt` of a list, `1.tif` that was converted. */
const FINDS_ANOTHER: ReadonlySet<string> = new Set(["image-format"]);
