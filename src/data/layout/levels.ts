import { named } from "../../core/quoted.ts";
import { plainName } from "../table/column-names.ts";
import { isContainer, isOfImages, isPart, maskFolder } from "./folder-words.ts";
import { isFoldName, isLikeSplit, isSplitName, splitIn, splitsOfNames } from "./split-names.ts";

/** What the folders of one level of a dataset are. */
type LevelRole = "split" | "fold" | "magnification" | "examination" | "id" | "class";

/** One level of folders that tells images apart: `folder_1` is the outermost. */
export interface Level {
  /** Name under which an option or a column speaks of it. */
  readonly name: string;
  readonly role: LevelRole;
  /** Folder of each image at this level; empty where it lies above. */
  readonly values: readonly string[];
  /** Distinct folders, sorted. */
  readonly folders: readonly string[];
  /** Split of each folder, where the level is of splits. */
  readonly splits: ReadonlyMap<string, string> | null;
}

/** The folders of a dataset, level by level, those that say nothing left out. */
export interface FolderLevels {
  readonly levels: readonly Level[];
  /** Folders that are passed over: around all images, of images alone, parts of a download. */
  readonly passed: readonly string[];
}

/** Folders of the path of an image that may tell something; `passed` takes those that hold only images or parts. */
function tellingFolders(paths: readonly string[], passed: Set<string>): string[][] {
  const children = new Map<string, Set<string>>();
  const withFiles = new Set<string>();
  const all = paths.map((path) => path.split("/").slice(0, -1));
  for (const folders of all) {
    let at = "";
    for (const folder of folders) {
      const below = children.get(at) ?? new Set();
      children.set(at, below.add(folder));
      at = `${at}/${folder}`;
    }
    withFiles.add(at);
  }
  const silent = new Map<string, boolean>();
  for (const [parent, below] of children) {
    const names = [...below];
    // `images` beside classes may be one itself; alone, or beside its like, it says nothing.
    const all = names.every((name) => isContainer(name) || isPart(name));
    for (const name of names) {
      // A copy of the whole beside itself, as `cell_images/cell_images` beside the classes, is no class.
      const inner = children.get(`${parent}/${name}`);
      const others = names.filter((other) => other !== name);
      const again =
        others.length > 1 && inner !== undefined && !isSplitName(name) && others.every((other) => inner.has(other));
      silent.set(`${parent}/${name}`, all || again);
      if (all || again) passed.add(name);
    }
  }
  return all.map((folders) => {
    let at = "";
    return folders.filter((folder) => {
      at = `${at}/${folder}`;
      return silent.get(at) !== true;
    });
  });
}

const EXAMINATION = /^(study|series|visit|scan|session|ses|exam|timepoint|view|slice)[-_ ]?\d+$/i;
/** Kinds of data of an examination in BIDS. */
const BIDS = /^(anat|func|dwi|fmap|perf|pet|swi)$/i;
const PERSON =
  /^(patient|pat|pt|pts|subject|subj|sub|case|participant|person|volunteer|individual|mouse|rat|animal)s?[-_ ]?\w*\d\w*$/i;
/** Names that number things: four digits in a row, three alone or at the end, or an identifier. */
const IDENTIFIER = /\d{4}|^[a-z]{0,3}[-_ ]?\d{3,}$|[-_ ]\d{3,}$|^[0-9a-f]{12,}$|^[0-9a-f]{8}-|^\d+(\.\d+){3,}$/i;
/** Share of names that make a level one of numbers. */
const MOST = 0.8;

export const isPersonFolder = (name: string): boolean => PERSON.test(name);

/** Many folders of few images each are more likely people than classes. */
const isSparse = (folders: number, images: number): boolean => folders > 20 && images < 4 * folders;

function roleOf(folders: readonly string[], splits: ReadonlyMap<string, string> | null, images: number): LevelRole {
  if (splits !== null) return "split";
  if (folders.every(isFoldName)) return "fold";
  if (folders.every((name) => /^\d{1,4}x$/i.test(name))) return "magnification";
  if (folders.every((name) => EXAMINATION.test(name) || BIDS.test(name))) return "examination";
  const ids = folders.filter((name) => PERSON.test(name) || IDENTIFIER.test(name)).length;
  return ids >= MOST * folders.length || isSparse(folders.length, images) ? "id" : "class";
}

/** Names at a level of classes that are of something else: splits, parts, masks, folders of images alone. */
export const doubtfulNames = ({ folders }: Level): string[] =>
  folders.filter(
    (name) => isLikeSplit(name) || isPart(name) || isFoldName(name) || maskFolder(name) !== null || isContainer(name),
  );

/** True where each folder of one level lies in one folder of the other. */
function decides(inner: readonly string[], outer: readonly string[]): boolean {
  const above = new Map<string, string>();
  return inner.every((name, i) => {
    const known = above.get(name);
    above.set(name, outer[i]!);
    return known === undefined || known === outer[i];
  });
}

/** Whether a folder is called after the one it lies in: `train/chest_train`. */
const isCalledAfter = (name: string, outer: string): boolean =>
  plainName(name).includes(plainName(outer)) ||
  (splitIn(name) !== null && splitIn(name)?.split === splitIn(outer)?.split);

/** Whether a level below lies within the classes of another, as kinds of benign and of malignant do. */
export const isNested = (inner: Level, outer: Level): boolean => decides(inner.values, outer.values);

/**
 * Reads the folders of images from their names: which level is of splits, folds, numbers (patients) or of something else,
 * which may be classes. Folders around everything, of images alone and parts of a download are passed over.
 * @param paths Relative paths of the images with forward slashes.
 */
export function readLevels(paths: readonly string[]): FolderLevels {
  const passed = new Set<string>();
  const telling = tellingFolders(paths, passed);
  const depth = telling.reduce((most, folders) => Math.max(most, folders.length), 0);
  const kept: string[][] = [];
  let wrapper: string[] | null = null;
  for (let at = 0; at < depth; at++) {
    const values = telling.map((folders) => folders[at] ?? "");
    const distinct = new Set(values);
    const [only] = distinct;
    if (distinct.size === 1 && splitsOfNames([only!]) === null) {
      // It may be the one class where images lie right in it; a folder around a folder of images, as `Kvasir-SEG/images`, or
      // around several others is the name of the set.
      const below = new Set(telling.map((folders) => folders[at + 1] ?? ""));
      below.delete("");
      const holdsImages = paths.some((path) => path.split("/").at(-2) === only);
      if (holdsImages && below.size < 2 && !isOfImages(only!)) wrapper = values;
      else passed.add(only!);
      continue;
    }
    // A folder in each folder, called after it, as `train/chest_train`, tells nothing new.
    const outer = kept.at(-1);
    const repeats =
      outer !== undefined &&
      !distinct.has("") &&
      decides(values, outer) &&
      decides(outer, values) &&
      values.every((name, i) => isCalledAfter(name, outer[i]!));
    if (repeats) for (const name of distinct) passed.add(name);
    else kept.push(values);
  }
  const levels = kept.map((values, i) => levelOf(values, i));
  if (wrapper !== null) {
    const hasClasses = levels.some(({ role, values }) => role === "class" && !values.includes(""));
    if (hasClasses) passed.add(wrapper[0]!);
    else levels.push({ ...levelOf(wrapper, levels.length), role: "class" });
  }
  return { levels, passed: [...passed] };
}

/** `study1_positive`: the number of an examination before its outcome. */
const NUMBERED = /^(study|series|visit|scan|session|exam)[-_ ]?\d+[-_ ]+(?=\p{L})/iu;

function levelOf(called: readonly string[], at: number): Level {
  const numbered = called.every((name) => name === "" || NUMBERED.test(name));
  const values = numbered ? called.map((name) => name.replace(NUMBERED, "")) : called;
  const folders = [...new Set(values)].filter((name) => name !== "").sort();
  const splits = splitsOfNames(folders);
  return { name: `folder_${at + 1}`, role: roleOf(folders, splits, values.length), values, folders, splits };
}

/** `folder_1 (benign, malignant)`. */
export function levelText({ name, folders }: Level): string {
  const first = folders.slice(0, 3).map(named).join(", ");
  return `${name} (${folders.length > 3 ? `${first} and ${folders.length - 3} more` : first})`;
}
