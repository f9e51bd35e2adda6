/**
 * What a person fills in for each command that the studio runs: one description, from which the server builds and checks the
 * command's words and the page draws the form.
 */

/** What a field takes. Paths of `input` are seen from the project, or absolute inside of the roots that the studio may read. */
type FieldKind =
  | {
      readonly kind: "input";
      readonly of:
        | "dataset"
        | "run"
        | "set"
        | "report"
        | "audit"
        | "release"
        | "dicom-release"
        | "source"
        | "left-out"
        | "study-plan";
    }
  /** What a training begins from: a run of the project, or the name of a start that the package ships. */
  | { readonly kind: "start" }
  /** A family of networks, by its name. */
  | { readonly kind: "family" }
  /** A file of a network in ONNX, inside the project or a root; becomes `onnx:PATH`. */
  | { readonly kind: "network" }
  /** Name of a new folder right inside the project. */
  | { readonly kind: "output"; readonly usual: string }
  | { readonly kind: "whole"; readonly least: number; readonly most: number }
  | { readonly kind: "decimal"; readonly least: number; readonly most: number }
  | { readonly kind: "choice"; readonly options: readonly string[] }
  | { readonly kind: "several"; readonly options: readonly string[] }
  | { readonly kind: "text"; readonly pattern: RegExp }
  | { readonly kind: "switch" }
  /** Images to leave out, as the page knows them: `DATASET/NUMBER` of the address of their pictures. Becomes a file of names. */
  | { readonly kind: "leaveOut" };

export type Field = FieldKind & {
  readonly name: string;
  /** Null for an argument without a flag; those come first, in order. */
  readonly flag: string | null;
  readonly required?: boolean;
  /** Stands under "more". */
  readonly more?: boolean;
  /** What is in the form before anybody changes it; the command's own choice where it is not stated. */
  readonly usual?: string | number | boolean;
};

/** Value of a field; empty text and false count as left out. */
export type FieldValue = string | number | boolean | readonly string[];

/** A name of a column, class or the like: no option, on one line. */
const NAME = /^[^-\p{Cc}][^\p{Cc}]{0,199}$/u;
const SAMPLER = /^(random|reject|best|worst|diverse|relabel|truncation:(0(\.\d+)?|1(\.0+)?))$/;
/** Counts by class. */
const COUNTS = /^[^-\p{Cc}=,][^\p{Cc}=,]*=\d{1,7}(,[^-\p{Cc}=,][^\p{Cc}=,]*=\d{1,7})*$/u;
/** `equal`, or counts by class. */
const TARGET = new RegExp(`^equal$|${COUNTS.source}`, "u");
const RELEASE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/;
/** Of a DICOMweb service; what would log in stays out of the job's line. */
const SERVICE = /^https?:\/\/[^\s@?#]{1,500}$/;
const LICENSE = /^[A-Za-z0-9][A-Za-z0-9.+-]{0,63}$/;

const THREADS = { name: "threads", flag: "--threads", kind: "whole", least: 1, most: 256, more: true } as const;
const SEED = { name: "seed", flag: "--seed", kind: "whole", least: 0, most: 2 ** 32, more: true } as const;
const LABEL = { name: "label", flag: "--label", kind: "text", pattern: NAME, more: true } as const;

/** Fields that say how a folder of images is to be read. */
const COLUMNS = (["label", "patient", "split", "mask"] as const).map(
  (name) => ({ name, flag: `--${name}`, kind: "text", pattern: NAME }) as const,
);

const LEAVE_OUT = { name: "leaveOut", flag: "--leave-out", kind: "leaveOut" } as const;

const JOB_FORMS = {
  demo: [
    { name: "out", flag: "--out", kind: "output", usual: "demo", required: true },
    { name: "demoMinutes", flag: "--minutes", kind: "decimal", least: 0.01, most: 600, usual: 2 },
    { name: "count", flag: "--count", kind: "whole", least: 200, most: 100_000, more: true },
    SEED,
  ],
  inspect: [
    { name: "source", flag: null, kind: "input", of: "source", required: true },
    ...COLUMNS,
    { name: "skipDamaged", flag: "--skip-damaged", kind: "switch" },
    LEAVE_OUT,
    { name: "parts", flag: "--parts", kind: "switch" },
  ],
  import: [
    { name: "source", flag: null, kind: "input", of: "source", required: true },
    { name: "out", flag: null, kind: "output", usual: "images", required: true },
    { name: "size", flag: "--size", kind: "whole", least: 8, most: 4096 },
    ...COLUMNS,
    { name: "skipDamaged", flag: "--skip-damaged", kind: "switch" },
    LEAVE_OUT,
    { name: "window", flag: "--window", kind: "text", pattern: /^([a-z]{1,32}|-?\d[\d.]*,\d[\d.]*)$/i, more: true },
    { name: "file", flag: "--file", kind: "text", pattern: NAME, more: true },
    { name: "boxes", flag: "--boxes", kind: "text", pattern: NAME, more: true },
  ],
  split: [
    { name: "dataset", flag: null, kind: "input", of: "dataset", required: true },
    { name: "holdoutShare", flag: "--holdout", kind: "decimal", least: 0, most: 0.9, usual: 0.15 },
    { name: "val", flag: "--val", kind: "decimal", least: 0, most: 0.9 },
    SEED,
  ],
  train: [
    { name: "dataset", flag: null, kind: "input", of: "dataset", required: true },
    { name: "out", flag: "--out", kind: "output", usual: "run", required: true },
    {
      name: "resolution",
      flag: "--resolution",
      kind: "choice",
      options: ["16", "32", "64", "128", "256"],
      usual: "32",
    },
    { name: "minutes", flag: "--minutes", kind: "decimal", least: 0.01, most: 100_000, usual: 10 },
    { name: "from", flag: "--from", kind: "start" },
    { name: "images", flag: "--images", kind: "whole", least: 1, most: 1e9, more: true },
    { name: "model", flag: "--model", kind: "family", more: true },
    { name: "preset", flag: "--preset", kind: "choice", options: ["tiny", "small", "base", "large"], more: true },
    { name: "grow", flag: "--grow", kind: "switch", more: true },
    { name: "frozen", flag: "--frozen", kind: "network", more: true },
    LABEL,
    { name: "batch", flag: "--batch", kind: "whole", least: 1, most: 4096, more: true },
    { name: "device", flag: "--device", kind: "choice", options: ["cpu", "webgpu", "cuda"], more: true },
    THREADS,
    SEED,
  ],
  generate: [
    { name: "run", flag: null, kind: "input", of: "run", required: true },
    { name: "perClass", flag: "--per-class", kind: "whole", least: 1, most: 1_000_000, usual: 100 },
    { name: "counts", flag: "--counts", kind: "text", pattern: COUNTS, more: true },
    { name: "out", flag: "--out", kind: "output", usual: "synthetic", required: true },
    { name: "sampler", flag: "--sampler", kind: "text", pattern: SAMPLER, more: true },
    THREADS,
    SEED,
  ],
  balance: [
    { name: "dataset", flag: null, kind: "input", of: "dataset", required: true },
    { name: "run", flag: "--run", kind: "input", of: "run", required: true },
    { name: "out", flag: "--out", kind: "output", usual: "balanced", required: true },
    { name: "to", flag: "--to", kind: "text", pattern: TARGET },
    { name: "maxRatio", flag: "--max-ratio", kind: "decimal", least: 0, most: 1000 },
    { name: "sampler", flag: "--sampler", kind: "text", pattern: SAMPLER, more: true },
    LABEL,
    THREADS,
    SEED,
  ],
  evaluate: [
    { name: "dataset", flag: "--real", kind: "input", of: "dataset", required: true },
    { name: "set", flag: "--synthetic", kind: "input", of: "set", required: true },
    { name: "run", flag: "--run", kind: "input", of: "run" },
    { name: "out", flag: "--out", kind: "output", usual: "report", required: true },
    {
      name: "features",
      flag: "--features",
      kind: "several",
      options: ["multiscale", "encoder", "radiomics"],
      more: true,
    },
    LABEL,
    THREADS,
    SEED,
  ],
  audit: [
    { name: "dataset", flag: "--train", kind: "input", of: "dataset", required: true },
    { name: "holdout", flag: "--holdout", kind: "input", of: "dataset", required: true },
    { name: "set", flag: "--synthetic", kind: "input", of: "set", required: true },
    { name: "run", flag: "--run", kind: "input", of: "run" },
    { name: "out", flag: "--out", kind: "output", usual: "audit", required: true },
    { name: "dropDuplicates", flag: "--drop-duplicates", kind: "switch" },
    LABEL,
    THREADS,
    SEED,
  ],
  release: [
    { name: "set", flag: null, kind: "input", of: "set", required: true },
    { name: "audit", flag: "--audit", kind: "input", of: "audit", required: true },
    { name: "report", flag: "--metrics", kind: "input", of: "report" },
    { name: "run", flag: "--run", kind: "input", of: "run", required: true },
    { name: "dataset", flag: "--train", kind: "input", of: "dataset" },
    { name: "out", flag: "--out", kind: "output", usual: "shared", required: true },
    { name: "license", flag: "--license", kind: "text", pattern: LICENSE, usual: "CC-BY-4.0" },
    { name: "name", flag: "--name", kind: "text", pattern: RELEASE_NAME },
    { name: "creator", flag: "--creator", kind: "text", pattern: NAME },
    { name: "leftOut", flag: "--leave-out", kind: "input", of: "left-out" },
    { name: "format", flag: "--format", kind: "choice", options: ["imagefolder", "dicom"], more: true },
    {
      name: "accept",
      flag: "--accept",
      kind: "several",
      options: ["no-patients", "few-images", "missing-test", "grade"],
      more: true,
    },
  ],
  study: [
    { name: "config", flag: null, kind: "input", of: "study-plan", required: true },
    { name: "out", flag: "--out", kind: "output", usual: "study", required: true },
    { name: "workers", flag: "--workers", kind: "whole", least: 1, most: 256, more: true },
    { name: "dropDuplicates", flag: "--drop-duplicates", kind: "switch", more: true },
    SEED,
  ],
  send: [
    { name: "dicomRelease", flag: null, kind: "input", of: "dicom-release", required: true },
    { name: "stow", flag: "--stow", kind: "text", pattern: SERVICE, required: true },
  ],
  verify: [{ name: "release", flag: null, kind: "input", of: "release", required: true }],
} as const satisfies Readonly<Record<string, readonly Field[]>>;

export type JobCommand = keyof typeof JOB_FORMS;
export const JOB_COMMANDS = Object.keys(JOB_FORMS) as JobCommand[];

/** Fields of a command. */
export const fieldsOf = (command: JobCommand): readonly Field[] => JOB_FORMS[command];
