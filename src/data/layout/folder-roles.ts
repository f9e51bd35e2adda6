import { listed } from "../../core/quoted.ts";
import { doubtfulNames, type FolderLevels, isNested, isPersonFolder, type Level, levelText } from "./levels.ts";

/** Roles that levels of folders play for the images, and what is to be said of them. */
export interface FolderRoles {
  readonly label: Level | null;
  readonly patient: Level | null;
  readonly split: Level | null;
  readonly notes: readonly string[];
  /** Readings of which none is taken, one phrase each, where the folders could be several things; empty where they cannot. */
  readonly readings: readonly string[];
}

const reading = (level: Level, what: string, flag: string): string =>
  `${levelText(level)} as ${what}: ${flag} ${level.name}`;

/**
 * Decides what the levels of folders are. Splits and folds by their names; of the others one level alone is the class. Where
 * classes lie within classes the outer ones are taken, which hold for the inner too, and the others are named. Where levels
 * cross, or folders may be patients as well as classes, none is taken.
 */
export function folderRoles({ levels, passed }: FolderLevels): FolderRoles {
  const notes: string[] = [];
  if (passed.length > 0) notes.push(`folders that tell nothing of the images are passed over: ${listed(passed)}`);
  const split = levels.find(({ role }) => role === "split") ?? null;
  const folds = levels.filter(({ role }) => role === "fold");
  if (folds.length > 0) {
    notes.push(
      `folders ${listed(folds[0]!.folders)} are folds, no split; they are kept in column ${folds[0]!.name} (--where ${folds[0]!.name}=${folds[0]!.folders[0]})`,
    );
  }
  const classes = levels.filter(({ role }) => role === "class");
  const whole = classes.filter(({ values }) => !values.includes(""));
  const candidates = whole.length > 0 ? whole : classes.slice(0, 1);
  const ids = levels.filter(({ role }) => role === "id");
  const persons = ids.filter(({ folders }) => folders.every(isPersonFolder));
  const found = { label: candidates[0] ?? null, patient: persons[0] ?? ids[0] ?? null, split };

  const doubtful = candidates.flatMap(doubtfulNames);
  if (doubtful.length > 0) {
    const why = `${listed(doubtful)} by the name no class`;
    const readings = candidates.map((level) => `${reading(level, "the class", "--label")} (${why})`);
    return {
      ...found,
      label: null,
      notes,
      readings: [...readings, ...candidates.map((level) => reading(level, "the split", "--split"))],
    };
  }
  if (candidates.length > 1) {
    const [outer, ...inner] = candidates;
    if (!inner.every((level, i) => isNested(level, candidates[i]!))) {
      const readings = candidates.map((level) => reading(level, "the class", "--label"));
      return { ...found, label: null, notes, readings };
    }
    notes.push(
      `folders of ${candidates.length} levels may be the classes; the outer ones are taken, ${levelText(outer!)}; ${inner.map((level) => reading(level, "the class", "--label")).join(", ")}`,
    );
  }
  if (found.label === null && found.patient !== null && persons.length === 0) {
    const readings = [
      reading(found.patient, "the class", "--label"),
      `${reading(found.patient, "the patient", "--patient")}`,
    ];
    return { ...found, patient: null, notes, readings };
  }
  if (found.patient !== null) {
    notes.push(`guessed that folders ${levelText(found.patient)} are the patient; say otherwise with --patient COL`);
  }
  return { ...found, notes, readings: [] };
}
