import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import { statInside } from "../../core/inside-folder.ts";
import { readStudyProgress } from "../../study/watch/progress-file.ts";
import { PROGRESS_FILE, type StudyProgress } from "../../study/watch/progress-schema.ts";
import type { WatchedStudy } from "../api.ts";
import { folderId } from "./folder-id.ts";
import { below } from "./inside.ts";

/** Results of a study that the studio sends, with their types. */
export const RESULT_TYPES: Readonly<Record<string, string>> = {
  "report.html": "text/html; charset=utf-8",
  "results.json": "application/json",
  "table.csv": "text/csv; charset=utf-8",
  "table.md": "text/markdown; charset=utf-8",
  "table.tex": "text/plain; charset=utf-8",
  "methods.md": "text/markdown; charset=utf-8",
};

/** Seconds of silence after which a study that says it runs does not: several of its heartbeats. */
const SILENCE_SECONDS = 60;

export interface OpenedStudy {
  readonly id: string;
  readonly name: string;
  /** Real path. */
  readonly folder: string;
  /** Where it stands. The file is read again when it has changed. @param now Milliseconds since 1970. */
  look(now?: number): Promise<WatchedStudy>;
}

/**
 * Opens the folder of a study for watching.
 * @throws GanglionError `files` or `run` when its `progress.json` is not of this version
 */
export async function openStudyFolder(folder: string): Promise<OpenedStudy> {
  let known: { readonly stamp: string; readonly progress: StudyProgress } | undefined;
  const read = async (): Promise<StudyProgress> => {
    const found = await statInside(...below(folder, PROGRESS_FILE));
    const stamp = `${found?.mtimeNs}:${found?.size}:${found?.ino}`;
    if (known?.stamp !== stamp) known = { stamp, progress: await readStudyProgress(folder) };
    return known.progress;
  };
  await read();
  return {
    id: folderId(folder),
    name: basename(folder),
    folder,
    async look(now = Date.now()) {
      const progress = await read();
      const silent = now - Date.parse(progress.updated) > 1000 * SILENCE_SECONDS;
      const entries = await readdir(folder, { withFileTypes: true });
      return {
        progress,
        interrupted: progress.state === "running" && silent,
        files: Object.keys(RESULT_TYPES).filter((name) => entries.some((one) => one.name === name && one.isFile())),
      };
    },
  };
}
