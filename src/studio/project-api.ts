/** What the server says of a project: `GET /api/project`, and each event of `GET /api/project/events`. */

import type { FieldValue, JobCommand } from "./job-forms.ts";
import type { JobRecord, WhenStopped } from "./jobs/job-record.ts";

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
  readonly kind:
    | "dataset"
    | "run"
    | "set"
    | "balanced"
    | "report"
    | "audit"
    | "release"
    | "dicom-release"
    | "left-out"
    | "study-plan";
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
  readonly whenStopped: WhenStopped;
  /** Families of networks that can be trained, the usual one first. */
  readonly families: readonly string[];
  /** Starts that come with the package, see `ganglion starts`; `GET /api/project/starts/NAME.png` is the picture of one. */
  readonly starts: readonly ShippedStart[];
}

/** Networks that a training can begin from. */
interface ShippedStart {
  readonly name: string;
  /** What it draws, in a sentence, in English. */
  readonly about: string;
  /** Width and height in pixels. */
  readonly resolution: number;
  readonly imagesSeen: number;
}

/** `POST /api/project/dry-run` with a `JobRequest` without its id: what a command would do. Nothing is written. */
export interface DryRun {
  /** What `--json` prints. */
  readonly result: Readonly<Record<string, unknown>> | null;
  /** Why it would do nothing. */
  readonly error: JobRecord["error"];
}

/** How a synthetic image came to be, and what it is nearest to. */
export interface SetImage {
  /** Number in `GET /api/datasets/ID/images`. */
  readonly index: number;
  readonly label: string;
  readonly leftOut: boolean;
  /** Lines of `provenance.jsonl`, by key; null where none is there. */
  readonly record: Readonly<Record<string, string | number>> | null;
  /** The training image that the audit found, of the dataset {@link SetPage.real}; null before an audit. */
  readonly nearest: {
    readonly index: number;
    /** 0 a copy, about 1 nothing special. */
    readonly score: number;
    readonly transform: string;
    readonly copy: boolean;
  } | null;
}

/** `GET /api/project/sets/ID?offset=&limit=&order=` */
export interface SetPage {
  readonly path: string;
  readonly total: number;
  /** Images that do not leave with a release. */
  readonly leftOut: number;
  /** Id of the dataset that {@link SetImage.nearest} is of; null before an audit of this set. */
  readonly real: string | null;
  readonly images: readonly SetImage[];
}

/** `POST /api/project/study-plan`: makes the configuration of a short study. => `{ "path": "study.json" }` */
export interface StudyPlanRequest {
  /** Of the file, without its ending. */
  readonly name: string;
  /** Seen from the project. */
  readonly dataset: string;
  /** Class to tell from the rest; null for every class. */
  readonly positive: string | null;
  readonly resolution: number;
  /** Trainings of each arm. */
  readonly seeds: number;
  /** Images seen by the generator that the study trains; null where `run` draws. */
  readonly images: number | null;
  /** A model of the project; null trains one in the study, on its own training images. */
  readonly run: string | null;
  /** Share of the patients that is kept for testing; null takes the dataset's own split. */
  readonly heldOut: number | null;
  /** Passes of the classifier at most. */
  readonly epochs: number;
}

/** What a release is known by: `GET /api/project/releases/ID`. */
export interface ReleaseFacts {
  /** Absolute. */
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  readonly images: number;
  /** SHA-256 of `SHA256SUMS`. */
  readonly fingerprint: string;
  readonly sums: string;
  /** Whether it is of DICOM objects, which a PACS takes. */
  readonly isDicom: boolean;
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

/** `POST /api/uploads` => {@link UploadState}. Files follow, each as `POST /api/uploads/ID/files?path=a/b.png` with its bytes. */
export interface UploadRequest {
  /** 12 to 32 hexadecimal digits, chosen by the page: the same request twice is one upload. */
  readonly id: string;
  /** What its folder is to be called; changed where it is taken or no name of a folder. */
  readonly name: string;
  /** Files that will follow, and their bytes together. */
  readonly files: number;
  readonly bytes: number;
}

/** `GET /api/uploads/ID`, and the answer to `POST /api/uploads/ID/finish` and `.../cancel` */
export interface UploadState {
  readonly id: string;
  readonly state: "receiving" | "unpacking" | "done" | "failed" | "cancelled";
  /** What has come. */
  readonly files: number;
  readonly bytes: number;
  /** Files of operating systems and hidden ones. */
  readonly leftOut: number;
  /** Files of a zip archive. */
  readonly unpacked: { readonly done: number; readonly total: number } | null;
  /** Absolute, of the images; null before it is done. */
  readonly path: string | null;
  /** Why nothing of it was kept. */
  readonly message: string | null;
}

/** An upload of the project that is kept. */
export interface KeptUpload {
  readonly name: string;
  /** Absolute, of the images. */
  readonly path: string;
  /** ISO 8601. */
  readonly at: string;
}

/** `GET /api/uploads` */
export interface UploadList {
  readonly limits: { readonly bytes: number; readonly files: number; readonly unpackedBytes: number };
  /** Newest first. `POST /api/uploads/remove` and `.../restore` with `{ name }` => {@link UploadList}. */
  readonly kept: readonly KeptUpload[];
}

/** `GET /api/jobs/ID/log?offset=N` */
export interface JobLog {
  readonly text: string;
  /** Offset of what comes after. */
  readonly next: number;
}

/** An image of an opened dataset as a finding names it. */
export interface FoundImage {
  /** Number in the dataset; null where that is not open any more. */
  readonly index: number | null;
  readonly label: string;
  readonly split: string | null;
}

/** Images that are equal, or a pair that is nearly so. */
export interface FoundRepeat {
  readonly kind: "exact" | "near";
  readonly images: readonly FoundImage[];
  /** How one lies on the other, where it was cropped, mirrored or turned. */
  readonly transform: string | null;
  readonly acrossSplits: boolean;
  readonly labelsDiffer: boolean;
  readonly samePatient: boolean;
}

/** Something that a reader found wrong: what, where, and what mends it. */
export interface FoundProblem {
  readonly code: string;
  /** File, row or column. */
  readonly path: string;
  readonly message: string;
  /** Image that it is about, where that is one of the opened dataset. */
  readonly index: number | null;
  /** Whether that image itself can be decoded, and the problem is its mask, box or tone. */
  readonly decodes: boolean;
  /** Cells of the row that it is about, without those that name a person; null where it is about no row of a table. */
  readonly row: readonly { readonly column: string; readonly cell: string }[] | null;
}

/** `GET /api/jobs/ID/problems`, of a job that read a folder of images and failed. */
export interface JobProblems {
  /** The folder as it was opened for this, whose images the problems name; null where it cannot be opened. */
  readonly dataset: string | null;
  readonly problems: readonly FoundProblem[];
}

/** `GET /api/jobs/ID/inspection?dataset=ID`, of a job of `inspect` that is done; images are numbered as in that dataset. */
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
  /**
   * Copies that were cropped, mirrored or turned were not looked for among so many images, because there are more than `most` or because
   * that was `asked`; null where they were. The command does it in about so many seconds of one processor core more.
   */
  readonly partsNotSearched: {
    readonly images: number;
    readonly why: "many" | "asked";
    readonly most: number;
    readonly coreSeconds: number;
    readonly command: string | null;
  } | null;
  /** Patients in more than one split. */
  readonly patientLeaks: number;
  readonly flat: number;
  readonly damaged: number;
  /** Exact ones first, of each those that matter most; cut. */
  readonly repeats: readonly FoundRepeat[];
  /** Images of a single value; cut. */
  readonly flatImages: readonly number[];
  /** Files that cannot be read, and masks, boxes and tones that cannot be used; cut. */
  readonly problems: readonly FoundProblem[];
  /** Images of each tone, I to VI; null where there are none. */
  readonly tones: { readonly counts: readonly number[]; readonly estimated: boolean } | null;
  /** Columns with empty cells, most first. */
  readonly missing: readonly { readonly column: string; readonly count: number }[];
  readonly imagesPerPatient: { readonly least: number; readonly median: number; readonly most: number } | null;
  readonly warnings: readonly string[];
}

/** `POST /api/project/slices` with `{ path }`: some pictures of DICOM files, to choose the window by. */
export interface Slices {
  /** Pictures: `GET /api/project/slices/ID/N.png?center=&width=`, as an import makes them with that window. */
  readonly id: string;
  /** DICOM files below the folder, by their names or first bytes. */
  readonly files: number;
  readonly slices: readonly Slice[];
}

export interface Slice {
  /** Lowest and highest value, in units of the modality, e.g. Hounsfield units. */
  readonly range: readonly [low: number, high: number];
  /** Windows that the file offers. */
  readonly windows: readonly { readonly name: string; readonly center: number; readonly width: number }[];
  readonly modality: string;
}

/** How images are to be read where a person says so; empty text for no such column. */
export interface ReadAs {
  readonly label?: string;
  readonly patient?: string;
  readonly split?: string;
  readonly mask?: string;
  readonly skipDamaged?: boolean;
}

/** Where a role comes from, and by what evidence. */
export interface FoundColumn {
  readonly role: "label" | "patient" | "split" | "mask" | "tone";
  /** Null for none. */
  readonly column: string | null;
  /**
   * `chosen` by the person, `stated` in dataset.json, `name`: the column is called so, `derived`: see `said`, `kind`: such files
   * always have it, `none`.
   */
  readonly why: "chosen" | "stated" | "name" | "derived" | "kind" | "none";
  /** What it is taken from, in the reader's words. */
  readonly said: string | null;
  /** Images that have a value, and how many values there are. */
  readonly filled: number;
  readonly values: number;
  /** Some of the values; none of patients. */
  readonly examples: readonly string[];
}

/** `POST /api/project/preview` with `{ path, read }`: opens images for looking at, before they are imported. */
export interface Preview {
  /** Id for `GET /api/datasets/ID/images`; null where they must be converted first or cannot be read. */
  readonly id: string | null;
  readonly images: number;
  /** An import makes images of what is there, as of DICOM and volumes; before that there are none to look at. */
  readonly importFirst: boolean;
  /** What was guessed, or why it cannot be shown; one sentence each. */
  readonly notes: readonly string[];
  /** Why it cannot be read, each with its place and what mends it; cut. */
  readonly problems: readonly FoundProblem[];
  readonly columns: readonly FoundColumn[];
  /** Columns that a role may be given to. */
  readonly header: readonly string[];
}
