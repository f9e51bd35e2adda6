import { resolve } from "node:path";
import { type ArtefactStore, type OpenStoreOptions, openArtefactStore } from "./artefact-store.ts";

/** Opens the store at an address: a folder. @throws GanglionError `files` */
export async function openStore(address: string, options: OpenStoreOptions = {}): Promise<ArtefactStore> {
  return openArtefactStore(resolve(address), options);
}
