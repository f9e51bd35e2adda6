import { mkdir, readdir, realpath, stat } from "node:fs/promises";
import { basename } from "node:path";
import { fileError } from "../../core/files.ts";
import { familyNames } from "../../model/known-families.ts";
import { shippedStarts } from "../../model/shipped-starts.ts";
import { type Field, type FieldValue, fieldsOf, JOB_COMMANDS, type JobCommand } from "../job-forms.ts";
import { AllowedPaths } from "../jobs/allowed-paths.ts";
import { freeName } from "../jobs/build-words.ts";
import { DryRuns } from "../jobs/dry-run.ts";
import { JOBS_FOLDER } from "../jobs/job-record.ts";
import { Jobs } from "../jobs/jobs.ts";
import type { Project } from "../project-api.ts";
import { findFolders } from "../server/find-folders.ts";
import { UPLOADS_FOLDER } from "../uploads/upload-limits.ts";
import { Uploads } from "../uploads/uploads.ts";
import { type Chain, findChain, Hashes } from "./chain.ts";
import { type FoundItem, findItems } from "./find-items.ts";
import { leftOutName } from "./left-out.ts";

/** Jobs that the page is told of, and problems of each. */
const SHOWN = { jobs: 50, problems: 200 } as const;
/** Time that a look at the folder holds, in milliseconds: many pages ask at once. */
const FRESH = 700;

/** A folder in which the whole job is done. */
export interface OpenedProject {
  readonly jobs: Jobs;
  readonly paths: AllowedPaths;
  readonly uploads: Uploads;
  readonly dryRuns: DryRuns;
  /** The newest audit of a set as it is now; null where there is none. */
  auditOf(set: FoundItem): Promise<FoundItem | null>;
  look(): Promise<Project>;
  /** Something that the page was told of. */
  item(id: string): FoundItem | undefined;
}

export interface ProjectOptions {
  readonly path: string;
  /** Folders that images may be taken from. Defaults to the user's home. */
  readonly roots?: readonly string[] | undefined;
  note(message: string): void;
}

/** Whether a folder holds nothing but what is hidden, the records of jobs and uploads. */
async function isEmpty(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  return names.every((name) => name.startsWith(".") || name === JOBS_FOLDER || name === UPLOADS_FOLDER);
}

/**
 * Opens a path as a project: an empty folder, a new one beside what is there, or a folder of several things. Null for a run, a
 * study or a dataset, which are looked at as they are.
 * @throws GanglionError `files` when it cannot be made or read, `usage` for a folder of other things
 */
export async function openProject({ path, roots, note }: ProjectOptions): Promise<OpenedProject | null> {
  if ((await stat(path).catch(() => null)) === null) {
    // Not its parents: a path that is mistyped further up is an error.
    await mkdir(path).catch((cause) => {
      throw fileError("create", path, cause);
    });
    note(`began a new project in ${path}`);
  }
  const folder = await realpath(path).catch((cause) => {
    throw fileError("open", path, cause);
  });
  const isFolder = (await stat(folder)).isDirectory();
  if (!isFolder || (!(await isEmpty(folder)) && (await findFolders(folder)).kind !== "folder")) return null;
  const allowed = await AllowedPaths.open(folder, roots);
  const jobs = new Jobs(allowed, note);
  const uploads = await Uploads.open(folder);
  const hashes = new Hashes();
  const starts = (await shippedStarts()).map(({ name, about, origins }) => {
    const { resolution, imagesSeen } = origins[0]!;
    return { name, about, resolution, imagesSeen };
  });
  let items: readonly FoundItem[] = [];
  const lookAnew = async (): Promise<Project> => {
    const found = await jobs.read();
    items = await findItems(folder);
    const chain = await findChain(folder, items, found.jobs, hashes);
    return {
      name: basename(folder),
      folder,
      roots: allowed.roots,
      steps: chain.steps,
      next: chain.next,
      items: items.map(({ kind, path: at, id }) => ({ kind, path: at, id })),
      filled: Object.fromEntries(
        JOB_COMMANDS.map((command) => [command, filledOf(folder, command, chain, items)]),
      ) as unknown as Project["filled"],
      jobs: found.jobs
        .slice(-SHOWN.jobs)
        .reverse()
        .map((job) =>
          job.error === null
            ? job
            : { ...job, error: { ...job.error, problems: job.error.problems.slice(0, SHOWN.problems) } },
        ),
      whenStopped: await jobs.store.whenStopped(),
      families: familyNames(),
      starts,
    };
  };
  let last: { readonly at: number; readonly project: Promise<Project> } | null = null;
  return {
    jobs,
    paths: allowed,
    uploads,
    dryRuns: new DryRuns(allowed),
    async auditOf(set) {
      const hash = await hashes.set(set.folder);
      return items.findLast(({ kind, about }) => kind === "audit" && hash !== null && about === hash) ?? null;
    },
    look() {
      if (last === null || Date.now() - last.at > FRESH) {
        const project = lookAnew();
        // A failed look is not kept.
        project.catch(() => {
          last = null;
        });
        last = { at: Date.now(), project };
      }
      return last.project;
    },
    item: (id) => items.find((item) => item.id === id),
  };
}

/** What the chain has of a kind; null for nothing. */
function inputOf(
  kind: Exclude<(Field & { kind: "input" })["of"], "source">,
  chain: Chain,
  items: readonly FoundItem[],
): string | null {
  if (kind === "study-plan" || kind === "dicom-release")
    return items.findLast((item) => item.kind === kind)?.path ?? null;
  if (kind !== "left-out") return chain[kind]?.path ?? null;
  const wanted = chain.set === null ? null : leftOutName(chain.set.path);
  return items.some(({ path }) => path === wanted) ? wanted : null;
}

/** What a form holds at first: what the chain has, and names that are free. */
function filledOf(
  folder: string,
  command: JobCommand,
  chain: Chain,
  items: readonly FoundItem[],
): Record<string, FieldValue> {
  const filled: Record<string, FieldValue> = {};
  for (const field of fieldsOf(command)) {
    if (field.kind === "output") filled[field.name] = freeName(folder, field.usual);
    else if (field.kind === "input" && field.of !== "source") {
      const path = inputOf(field.of, chain, items);
      if (path !== null) filled[field.name] = path;
    } else if ("usual" in field && field.usual !== undefined) filled[field.name] = field.usual;
  }
  return filled;
}
