import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { joinInside, readBytes } from "../../core/files.ts";
import { userCacheFolder } from "../../core/user-cache.ts";
import {
  type ArtefactManifest,
  type ArtefactStore,
  artefactPath,
  MANIFEST,
  newStore,
  openArtefactStore,
  parseManifest,
  STORE,
  storeSchema,
} from "./artefact-store.ts";
import { canonicalJson, checkIds, type Job } from "./job.ts";
import { type Bucket, openBucket } from "./s3-bucket.ts";

/** A file of an artefact was not in the bucket. */
class LostObjectError extends Error {}

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
};

/** Id of the store under a prefix; one that is empty becomes a store. */
async function storeId(bucket: Bucket, address: string): Promise<string> {
  const known = await bucket.read(STORE);
  // A server may not know the condition: what is there in the end counts.
  if (known === null) await bucket.create(STORE, `${JSON.stringify(newStore(), null, 2)}\n`);
  const bytes = known ?? (await bucket.read(STORE));
  const found = storeSchema.safeParse(bytes === null ? null : parse(bytes));
  if (!found.success)
    throw new GanglionError("files", `${address}/${STORE} is damaged: it does not say which store this is`);
  return found.data.id;
}

export interface OpenS3StoreOptions {
  /** Folder for copies of artefacts; may be emptied at any time. Defaults to one in the user's cache. */
  readonly cache?: string;
}

/**
 * Opens the store under `s3://BUCKET/PREFIX`. Jobs work in a folder of this machine, which keeps copies. In the bucket an
 * artefact is an object for each file, its key the hash of its content, and a manifest, which is written last and only
 * where there is none: of two that are made at the same time the first stays, and no half one is ever seen. What is
 * fetched is checked against the manifest; a damaged artefact loses its manifest, so that it is made again.
 * @throws GanglionError `usage`, `files`
 */
export async function openS3Store(address: string, options: OpenS3StoreOptions = {}): Promise<ArtefactStore> {
  const bucket = openBucket(address);
  const kept = userCacheFolder();
  if (options.cache === undefined && kept === null) {
    const message = `${address}: copies of artefacts, real images among them, need a folder of this user alone, and the user has no home; set GANGLION_CACHE to one`;
    throw new GanglionError("usage", message);
  }
  const id = await storeId(bucket, address);
  const cache = options.cache ?? join(kept as string, "stores", id);
  const local = await openArtefactStore(cache);
  const keyOf = (artefact: string, name: string) => `${artefactPath(artefact)}/${name}`;

  async function manifestOf(artefact: string): Promise<ArtefactManifest | null> {
    const bytes = await bucket.read(keyOf(artefact, MANIFEST));
    if (bytes === null) return null;
    const manifest = parseManifest(parse(bytes), artefact);
    if (manifest !== null) return manifest;
    await bucket.remove(keyOf(artefact, MANIFEST));
    return null;
  }

  /** Folder of a copy that is what a manifest says; null where there is none. */
  async function copyOf({ job, files }: ArtefactManifest): Promise<string | null> {
    const folder = await local.find(job.id);
    if (folder === null) return null;
    const own = parseManifest(parse(await readBytes(join(folder, MANIFEST))), job.id);
    if (own !== null && canonicalJson(own.files) === canonicalJson(files)) return folder;
    await local.remove(job.id);
    return null;
  }

  async function download(folder: string, { job, files }: ArtefactManifest): Promise<void> {
    for (const [name, hash] of Object.entries(files)) {
      const path = joinInside(folder, name);
      if (path === null) throw new LostObjectError(name);
      await mkdir(dirname(path), { recursive: true });
      if (!(await bucket.download(keyOf(job.id, hash), path))) throw new LostObjectError(name);
    }
  }

  async function find(artefact: string): Promise<string | null> {
    const manifest = await manifestOf(artefact);
    if (manifest === null) return null;
    const copy = await copyOf(manifest);
    if (copy !== null) return copy;
    try {
      await local.make(manifest.job as Job, (folder) => download(folder, manifest));
    } catch (cause) {
      if (!(cause instanceof LostObjectError)) throw cause;
    }
    const fetched = await copyOf(manifest);
    if (fetched === null) await bucket.remove(keyOf(artefact, MANIFEST));
    return fetched;
  }

  return {
    root: local.root,
    address,
    id,
    has: async (artefact) => (await manifestOf(artefact)) !== null,
    find,
    async make(job, make) {
      checkIds(job);
      const folder = (await local.find(job.id)) ?? (await local.make(job, make));
      const bytes = await readBytes(join(folder, MANIFEST));
      const text = bytes.toString("utf8");
      const manifest = parseManifest(parse(bytes), job.id);
      if (manifest === null)
        throw new GanglionError("files", `${join(folder, MANIFEST)} was changed; give the command again`);
      const { files } = manifest;
      for (const [name, hash] of Object.entries(files)) {
        await bucket.upload(keyOf(job.id, hash), join(folder, name), hash);
      }
      if (await bucket.create(keyOf(job.id, MANIFEST), text)) return folder;
      // Another process was first: its artefact is as good as ours. One that is damaged is gone now.
      const first = await find(job.id);
      if (first !== null) return first;
      await bucket.create(keyOf(job.id, MANIFEST), text);
      return folder;
    },
    async remove(artefact) {
      await bucket.remove(keyOf(artefact, MANIFEST));
      await local.remove(artefact);
    },
  };
}
