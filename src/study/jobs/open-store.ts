import { resolve } from "node:path";
import { type ArtefactStore, type OpenStoreOptions, openArtefactStore } from "./artefact-store.ts";

/** Opens the store at an address: a folder, or `s3://BUCKET/PREFIX`. @throws GanglionError `files`, `usage` */
export async function openStore(address: string, options: OpenStoreOptions = {}): Promise<ArtefactStore> {
  if (!address.startsWith("s3://")) return openArtefactStore(resolve(address), options);
  const { openS3Store } = await import("./s3-store.ts");
  return openS3Store(address);
}
