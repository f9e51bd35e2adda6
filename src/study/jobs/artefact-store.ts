import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { fileError, readJson } from "../../core/files.ts";
import { sha256File } from "../../core/hash.ts";
import { listFiles } from "../../core/list-files.ts";
import { makeFolder } from "../../core/make-folder.ts";
import { OWNER, ownerEnded } from "../../core/process-owner.ts";
import { noteFolder } from "../../core/scratch/own-scratch.ts";
import { removeOnExit } from "../../core/temporary.ts";
import { canonicalJson, checkIds, idProblem, isJobId, type Job } from "./job.ts";

/** Artefacts of jobs by id. A common folder of several machines serves as well as a local one. */
export interface ArtefactStore {
  /** Folder on this machine in which the artefacts are, or where copies of those elsewhere are kept. */
  readonly root: string;
  /** Where it is, as every machine that works on the study names it: a folder or `s3://BUCKET/PREFIX`. */
  readonly address: string;
  /** Random name that it got when it was made; whoever works on the same store sees the same. */
  readonly id: string;
  /** Whether an artefact is there, as far as can be told without fetching it. */
  has(id: string): Promise<boolean>;
  /**
   * Folder of an artefact; null where there is none. One that is not what its manifest says is removed, so that it is
   * made again.
   */
  find(id: string): Promise<string | null>;
  /**
   * Has an artefact made in a folder of its own and puts it in place as a whole; of two that are made at the same time
   * the first stays. @returns its folder
   * @throws what `make` throws, GanglionError `files`, or `run` when the id of the job is not its hash; nothing is left then
   */
  make(job: Job, make: (folder: string) => Promise<void>): Promise<string>;
  /** Removes an artefact if it is there. */
  remove(id: string): Promise<void>;
}

/** Path of an artefact below the root of a store. @throws GanglionError `run` for what is no id, e.g. a path */
export function artefactPath(id: string): string {
  if (isJobId(id)) return `artefacts/${id.slice(0, 2)}/${id}`;
  const shown = JSON.stringify(String(id).slice(0, 80));
  throw new GanglionError("run", `${shown} is not the id of an artefact; ids are 64 hexadecimal digits`);
}

/** Says what an artefact is; a file beside those of the artefact. */
export const MANIFEST = "artefact.json";
const hash = z.string().regex(/^[0-9a-f]{64}$/);
/** A job as it is written down. */
export const jobSchema = z.strictObject({
  id: hash,
  kind: z.string(),
  title: z.string(),
  parameters: z.json(),
  inputs: z.record(z.string(), hash),
});
const manifestSchema = z.object({
  job: jobSchema,
  /** SHA-256 of each file by its path. */
  files: z.record(z.string(), hash),
});
export type ArtefactManifest = z.infer<typeof manifestSchema>;

/** The manifest of an artefact; null for what is none, or is that of other work: the id must be the hash of the job in it. */
export function parseManifest(value: unknown, id: string): ArtefactManifest | null {
  const { data } = manifestSchema.safeParse(value);
  return data === undefined || data.job.id !== id || idProblem(data.job) !== null ? null : data;
}
/** Says which store this is. */
export const STORE = "store.json";
export const storeSchema = z.object({ format: z.literal("ganglion.store/1"), id: z.string().regex(/^[0-9a-f]{24}$/) });

/** What a new store says of itself. */
export const newStore = (): z.infer<typeof storeSchema> => ({
  format: "ganglion.store/1",
  id: randomBytes(12).toString("hex"),
});

async function hashes(folder: string): Promise<Record<string, string>> {
  const found: [string, string][] = [];
  for (const { name } of await listFiles(folder))
    if (name !== MANIFEST) found.push([name, await sha256File(join(folder, name))]);
  return Object.fromEntries(found);
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

const WEEK_MILLISECONDS = 7 * 24 * 3_600_000;
const READS = 20;
const PAUSE_MILLISECONDS = 50;

/** Id of the store in a folder; one that is empty becomes a store. */
async function storeId(root: string): Promise<string> {
  const path = join(root, STORE);
  if (!(await exists(path))) {
    const others = await readdir(root);
    if (others.length > 0 && !others.includes(STORE)) {
      const message = `${root} holds other files (${others[0]}) and is no store of a study; give a new or an empty folder`;
      throw new GanglionError("files", message);
    }
    // Of several processes that find an empty folder one writes, the others read.
    await writeFile(path, `${JSON.stringify(newStore(), null, 2)}\n`, { flag: "wx" }).catch(
      (cause: NodeJS.ErrnoException) => {
        if (cause.code !== "EEXIST") throw fileError("write", path, cause);
      },
    );
  }
  for (let left = READS; ; left--) {
    const found = storeSchema.safeParse(await readJson(path).catch(() => null));
    if (found.success) return found.data.id;
    if (left === 0) throw new GanglionError("files", `${path} is damaged: it does not say which store this is`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
  }
}

/** Removes what processes left that were killed: of this machine at once, of others after a week. */
async function tidy(making: string): Promise<void> {
  for (const name of await readdir(making)) {
    const path = join(making, name);
    const changed = await stat(path).catch(() => null);
    if (changed === null) continue;
    const old = Date.now() - changed.mtimeMs > WEEK_MILLISECONDS;
    if (old || ownerEnded(name.slice(name.indexOf(".") + 1))) await rm(path, { recursive: true, force: true });
  }
}

export interface OpenStoreOptions {
  /** Makes the folder where it is not there. Defaults to true. */
  readonly create?: boolean;
}

/**
 * Opens a store in a folder.
 * @throws GanglionError `files`, also when the folder holds something else
 */
export async function openArtefactStore(
  root: string,
  { create = true }: OpenStoreOptions = {},
): Promise<ArtefactStore> {
  if (!create && !(await exists(root))) {
    const message = `there is no folder ${root}: the store must be there, e.g. a common folder that is mounted on this machine`;
    throw new GanglionError("files", message);
  }
  await makeFolder(root).catch((cause: unknown) => {
    throw fileError("create", root, cause);
  });
  const ownId = await storeId(root);
  const making = join(root, "making");
  await makeFolder(making).catch((cause: unknown) => {
    throw fileError("create", making, cause);
  });
  // What cannot be removed is in nobody's way.
  await tidy(making).catch(() => undefined);
  const place = (id: string) => join(root, artefactPath(id));
  /** Artefacts that this process has looked at, by the time of change of their manifest. */
  const seen = new Map<string, number>();

  async function isWhole(id: string): Promise<boolean> {
    const folder = place(id);
    const changed = await lstat(join(folder, MANIFEST)).then(
      ({ mtimeMs }) => mtimeMs,
      () => null,
    );
    if (changed !== null && seen.get(id) === changed) return true;
    const manifest = parseManifest(await readJson(join(folder, MANIFEST)).catch(() => null), id);
    if (changed === null || manifest === null) return false;
    const found = await hashes(folder).catch(() => null);
    if (found === null || canonicalJson(found) !== canonicalJson(manifest.files)) return false;
    seen.set(id, changed);
    return true;
  }

  /** Moves an artefact away in one step, so that nobody reads half of one, then removes it. */
  async function remove(id: string): Promise<void> {
    const away = join(making, `removed-${randomBytes(6).toString("hex")}.${OWNER}`);
    const folder = place(id);
    noteFolder(making);
    await rename(folder, away).catch(() => undefined);
    await rm(away, { recursive: true, force: true });
  }

  async function find(id: string): Promise<string | null> {
    if (!(await exists(place(id)))) return null;
    if (await isWhole(id)) return place(id);
    await remove(id);
    return null;
  }

  return {
    root,
    address: root,
    id: ownId,
    find,
    remove,
    has: async (id) => (await find(id)) !== null,
    async make(job, make) {
      checkIds(job);
      const folder = join(making, `${job.id.slice(0, 16)}-${randomBytes(6).toString("hex")}.${OWNER}`);
      noteFolder(making);
      const release = removeOnExit(folder);
      let moved = false;
      try {
        await mkdir(folder, { recursive: true });
        await make(folder);
        const { id, kind, title, parameters, inputs } = job;
        const manifest = { job: { id, kind, title, parameters, inputs }, files: await hashes(folder) };
        // Not flushed to disk: one that a power cut spoils is not what its hashes say, and is made again.
        const target = place(job.id);
        try {
          await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
          await mkdir(dirname(target), { recursive: true });
          await rename(folder, target);
          moved = true;
        } catch (cause) {
          // Another process was first: its artefact is as good as ours.
          if ((await find(job.id)) === null) throw fileError("write", target, cause);
        }
        return target;
      } finally {
        if (!moved) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
        release();
      }
    },
  };
}
