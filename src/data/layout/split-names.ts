import { normaliseSplit } from "../names.ts";
import { withoutOrdinal } from "./folder-words.ts";

/** Words that name a split, in lower case. */
const SPLIT_WORDS = new Set(
  "train training trn trainval val valid validate validation eval evaluation dev development test testing tst holdout heldout".split(
    " ",
  ),
);

/** Words of a name in lower case: split at punctuation, at digits and where small letters meet large ones. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/hold[-_ ]?out/gi, "holdout")
    .replace(/held[-_ ]?out/gi, "heldout")
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== "");

/** A split that a name holds as a word of its own, and the name without it; null where there is none or several. */
export function splitIn(name: string): { split: string; rest: string } | null {
  const words = wordsOf(withoutOrdinal(name));
  const found = words.filter(
    (word) => SPLIT_WORDS.has(word) || /^(train|test|val)(set|images|data|labels|ing)$/.test(word),
  );
  if (found.length !== 1) return null;
  const [word] = found as [string];
  const core = SPLIT_WORDS.has(word) ? word : word.replace(/(set|images|data|labels|ing)$/, "");
  const tail = SPLIT_WORDS.has(word) ? "" : word.slice(core.length);
  return {
    split: normaliseSplit(core),
    rest: words
      .map((w) => (w === word ? tail : w))
      .join(" ")
      .trim(),
  };
}

/** What may be left of the name of a split besides its word. */
const OF_IMAGES = /^(|images?|imgs?|data|set)$/;

/** True for a name that is a split and nothing else: `train`, `Validation`, `hold-out`. */
export const isSplitName = (name: string): boolean => splitIn(name)?.rest === "" && !/\d/.test(name);

/** True for a name that holds a split and nothing that a class could be called after: `Test_Set`, `train_images`, `train2`. */
export const isLikeSplit = (name: string): boolean => OF_IMAGES.test(splitIn(name)?.rest ?? "-");

/**
 * Splits of folders side by side: each name is one, or holds one word for it and is the same without it
 * (`train_images`, `test_images`); null where that is not so.
 */
export function splitsOfNames(names: readonly string[]): ReadonlyMap<string, string> | null {
  const found = names.map((name) => [name, splitIn(name)] as const);
  if (found.length === 0 || found.some(([, is]) => is === null)) return null;
  const rests = new Set(found.map(([, is]) => is!.rest));
  if (rests.size > 1) return null;
  // Several folders of one split that are called after something else are numbered, as the patients BraTS20_Training_001 ...
  if (found.length > 1 && !OF_IMAGES.test([...rests][0]!) && new Set(found.map(([, is]) => is!.split)).size === 1)
    return null;
  // One folder `test_images` may be anything; one folder `test` is a split.
  if (found.length === 1 && !OF_IMAGES.test([...rests][0]!)) return null;
  return new Map(found.map(([name, is]) => [name, is!.split]));
}

/** True for folders of a cross-validation: `fold_1`, `Fold 2`, `cv3`, `split_0`. */
export const isFoldName = (name: string): boolean => /^(fold|cv|cvfold|split)[-_ ]?\d{1,2}$/i.test(name);
