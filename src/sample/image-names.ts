import { holdsSplitWord } from "../data/writer.ts";

/** Folder of each class: its name where that is safe in a path on every system and distinct, else `class-INDEX`. */
export function classFolders(classes: readonly string[]): string[] {
  const folders = classes.map((name) => name.normalize("NFC").replaceAll(" ", "_"));
  const lower = folders.map((folder) => folder.toLowerCase());
  const distinct = (at: number) => lower.indexOf(lower[at]!) === at && lower.lastIndexOf(lower[at]!) === at;
  return folders.map((name, i) => {
    const safe = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._-]{0,60}$/u.test(name) && !name.endsWith(".");
    const reserved = holdsSplitWord(name) || /^(class-\d+|con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name);
    return safe && !reserved && distinct(i) ? name : `class-${i}`;
  });
}

/** Numbers images within their class: `images/nevus/000001.png`. */
export class ImageNames {
  readonly #folder: string;
  readonly #folders: readonly string[];
  readonly #counts: number[];

  constructor(folder: string, classes: readonly string[]) {
    this.#folder = folder;
    this.#folders = classFolders(classes);
    this.#counts = classes.map(() => 0);
  }

  next(classIndex: number): string {
    const number = String(++this.#counts[classIndex]!).padStart(6, "0");
    return `${this.#folder}/${this.#folders[classIndex]}/${number}.png`;
  }
}
