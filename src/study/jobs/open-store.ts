import { resolve } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { shownAddress } from "../../core/redact.ts";
import { type ArtefactStore, type OpenStoreOptions, openArtefactStore } from "./artefact-store.ts";

/** Opens the store at an address: a folder, or `s3://BUCKET/PREFIX`. @throws GanglionError `files`, `usage` */
export async function openStore(address: string, options: OpenStoreOptions = {}): Promise<ArtefactStore> {
  if (/^(?!s3:)[a-z][a-z0-9+.-]*:\/\//i.test(address)) {
    const message = `--store ${shownAddress(address)} is no place for a store; give a folder or s3://BUCKET/PREFIX`;
    throw new GanglionError("usage", message);
  }
  if (!address.startsWith("s3://")) return openArtefactStore(resolve(address), options);
  const { openS3Store } = await import("./s3-store.ts");
  return openS3Store(address);
}
