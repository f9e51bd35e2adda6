import { dirname } from "node:path";
import type { Workspace } from "../api.ts";
import type { ReadAs } from "../project-api.ts";
import { type FoundFolders, findFolders } from "./find-folders.ts";
import { folderId } from "./folder-id.ts";
import { nameBesideOthers } from "./name-beside-others.ts";
import { type OpenedDataset, openDataset } from "./opened-dataset.ts";
import { datasetOfRun, type OpenedRun, openRunFolder, runSummary } from "./opened-run.ts";
import { type OpenedStudy, openStudyFolder } from "./opened-study.ts";

export interface WorkspaceOptions {
  /** A run, a study, a dataset, or a folder with some of these. */
  readonly path: string;
  readonly version: string;
  /** It is a project, which may be empty, and is looked into two levels deep. Defaults to false. */
  readonly inProject?: boolean | undefined;
  /** Shows columns that name patients. Defaults to false. */
  readonly showPatients?: boolean | undefined;
  /** Told of what could not be opened, and of guesses. */
  note(message: string): void;
}

/** What the studio was opened on. */
export interface OpenedWorkspace {
  /** Real path of the folder that reader studies are kept in, in a folder of their own. */
  readonly studiesParent: string;
  /** Lists what there is; what came since is opened too. */
  list(): Promise<Omit<Workspace, "project">>;
  /** Opens images of another place for looking at; they are not listed. @param folder Real path. @throws GanglionError */
  look(folder: string, read?: ReadAs): Promise<OpenedDataset>;
  run(id: string): OpenedRun | undefined;
  dataset(id: string): OpenedDataset | undefined;
  /** Of whether synthetic data help; reader studies are kept elsewhere. */
  study(id: string): OpenedStudy | undefined;
}

/** Datasets of other places that stay open. */
const MOST_LOOKED = 3;

/** Beside what was opened: in the run or folder, next to a dataset, whose own folder holds images only. */
const studiesParentOf = ({ kind, root }: FoundFolders): string => (kind === "dataset" ? dirname(root) : root);

/**
 * Opens what lies at a path. A run, study or dataset that cannot be read is said and left out.
 * @throws GanglionError when there is nothing to open, or when the path itself is what cannot be read
 */
export async function openWorkspace(options: WorkspaceOptions): Promise<OpenedWorkspace> {
  const { path, version, showPatients = false, inProject = false, note } = options;
  const find = () => findFolders(path, { deep: inProject, mayBeEmpty: inProject });
  const found = await find();
  const { root } = found;
  const runs = new Map<string, OpenedRun>();
  const datasets = new Map<string, OpenedDataset>();
  const studies = new Map<string, OpenedStudy>();
  const looked = new Map<string, OpenedDataset>();
  const failed = new Set<string>();
  /** Opens one folder once; what fails is said once, unless it is what was asked for. */
  const take = async (folder: string, only: boolean, open: () => Promise<void>): Promise<void> => {
    if (failed.has(folder)) return;
    try {
      await open();
    } catch (error) {
      if (only) throw error;
      failed.add(folder);
      note((error as Error).message);
    }
  };
  const takeDataset = async (folder: string, label: string | null, only: boolean): Promise<void> => {
    const id = folderId(folder);
    if (datasets.has(id)) return;
    await take(folder, only, async () => {
      const alone = await openDataset(folder, showPatients, { label: label ?? undefined });
      const name = await nameBesideOthers(root, folder, alone.name);
      const opened = { ...alone, name, summary: { ...alone.summary, name } };
      for (const said of opened.dataset.notes) note(`${opened.name}: ${said}`);
      datasets.set(id, opened);
    });
  };
  const search = async (found: FoundFolders, first: boolean): Promise<void> => {
    for (const folder of found.runs) {
      const id = folderId(folder);
      if (runs.has(id)) continue;
      await take(folder, first && found.kind === "run", async () => {
        const run = await openRunFolder(folder);
        runs.set(id, run);
        const trainedOn = await datasetOfRun(run);
        if (trainedOn === null) note(`${run.name}: its dataset ${run.config.dataset.path} is not there`);
        else await takeDataset(trainedOn, run.config.dataset.label, false);
      });
    }
    for (const folder of found.studies) {
      const id = folderId(folder);
      if (studies.has(id)) continue;
      await take(folder, first && found.kind === "study", async () => {
        studies.set(id, await openStudyFolder(folder));
      });
    }
    for (const folder of found.datasets) await takeDataset(folder, null, first && found.kind === "dataset");
  };
  await search(found, true);
  return {
    studiesParent: studiesParentOf(found),
    async list() {
      await search(await find(), false);
      const summaries = [];
      for (const run of runs.values()) summaries.push(await runSummary(run, note));
      return {
        version,
        runs: summaries,
        datasets: [...datasets.values()].map(({ summary }) => summary),
        watched: [...studies.values()].map(({ id, name }) => ({ id, name })),
      };
    },
    async look(folder, read = {}) {
      const asked = Object.keys(read).length > 0;
      const found = await openDataset(folder, showPatients, read);
      // Read otherwise it has other images under the same numbers.
      const opened = asked ? { ...found, id: folderId(`${folder}\0${JSON.stringify(read)}`) } : found;
      looked.delete(opened.id);
      looked.set(opened.id, opened);
      // A listing of many images is large.
      for (const id of [...looked.keys()].slice(0, -MOST_LOOKED)) looked.delete(id);
      return opened;
    },
    run: (id) => runs.get(id),
    dataset: (id) => datasets.get(id) ?? looked.get(id),
    study: (id) => studies.get(id),
  };
}
