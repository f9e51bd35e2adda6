/** What the server says of a project: `GET /api/project`, and each event of `GET /api/project/events`. */

import type { FieldValue, JobCommand } from "./job-forms.ts";
import type { JobRecord } from "./jobs/job-record.ts";

export type { JobRecord };

/** Parts of the job, in order. */
export const STEPS = ["data", "model", "images", "evidence", "release"] as const;
export type StepName = (typeof STEPS)[number];

/** `stale`: it is there, and was made of something that has changed since. `stopped`: a training that has no generator yet. */
export type StepState = "missing" | "running" | "stopped" | "stale" | "done";

export interface Step {
  readonly name: StepName;
  readonly state: StepState;
  /** Path of what there is, seen from the project; null for nothing. */
  readonly path: string | null;
  /** Names the run or dataset in the addresses of `/api/runs` and `/api/datasets`. */
  readonly id: string | null;
  /** In figures, for the words of the page. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Something in the project that a form can name. */
export interface Item {
  readonly kind: "dataset" | "run" | "set" | "balanced" | "report" | "audit" | "release";
  /** Seen from the project. */
  readonly path: string;
  /** Name in addresses below `/api/project/files`. */
  readonly id: string;
}

export interface Project {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  /** Folders that images may be taken from, by number in `GET /api/project/folders`. */
  readonly roots: readonly string[];
  readonly steps: readonly Step[];
  /** Command of the one next step; null where all is done, and while one of these runs. */
  readonly next: JobCommand | null;
  readonly items: readonly Item[];
  /** What the fields of each form hold before anybody changes them. */
  readonly filled: Readonly<Record<JobCommand, Readonly<Record<string, FieldValue>>>>;
  /** Newest first, at most 50. */
  readonly jobs: readonly JobRecord[];
}

/** `GET /api/project/folders?root=N&path=a/b` */
export interface FolderListing {
  /** Absolute. */
  readonly folder: string;
  /** Names of folders, in order. */
  readonly folders: readonly string[];
  /** Names of single files that can be imported (`.npz`). */
  readonly archives: readonly string[];
  /** Images right in the folder. */
  readonly images: number;
  /** There are more folders than are listed. */
  readonly cut: boolean;
}

/** `POST /api/jobs` => {@link JobRecord} */
export interface JobRequest {
  /** 12 to 32 hexadecimal digits, chosen by the page: the same request twice is one job. */
  readonly id: string;
  readonly command: JobCommand;
  readonly values: Readonly<Record<string, FieldValue>>;
}

/** `GET /api/jobs/ID/log?offset=N` */
export interface JobLog {
  readonly text: string;
  /** Offset of what comes after. */
  readonly next: number;
}

/** `GET /api/jobs/ID/inspection`, of a job of `inspect` that is done. */
export interface InspectionSummary {
  readonly images: number;
  /** Kind of dataset, e.g. `image folder`. */
  readonly kind: string;
  /** Columns by role, as far as they were found. */
  readonly columns: Readonly<Record<string, string>>;
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  /** Largest class over smallest. */
  readonly imbalance: number;
  readonly splits: Readonly<Record<string, number>>;
  /** Most frequent first, at most five. */
  readonly sizes: readonly { readonly width: number; readonly height: number; readonly count: number }[];
  readonly channels: { readonly grey: number; readonly colour: number };
  readonly masks: number;
  /** Null where no column names the patient. */
  readonly patients: number | null;
  /** Groups of equal images. */
  readonly exactDuplicates: number;
  /** Pairs. */
  readonly nearDuplicates: number;
  /** Patients in more than one split. */
  readonly patientLeaks: number;
  readonly flat: number;
  readonly damaged: number;
  readonly warnings: readonly string[];
}

/** `POST /api/project/preview` with `{ path }`: opens images for looking at, before they are imported. */
export interface Preview {
  /** Id for `GET /api/datasets/ID/images`; null where they must be converted first or cannot be read. */
  readonly id: string | null;
  readonly images: number;
  /** What was guessed, or why it cannot be shown; one sentence each. */
  readonly notes: readonly string[];
}
