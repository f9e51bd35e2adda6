import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileError } from "./files.ts";

/** An entry of a folder, by its path with forward slashes. */
export interface FoundFile {
  readonly name: string;
  readonly kind: "file" | "link" | "other";
}

async function walk(root: string): Promise<{ files: FoundFile[]; emptyFolders: string[] }> {
  const files: FoundFile[] = [];
  const emptyFolders: string[] = [];
  const visit = async (folder: string) => {
    const path = join(root, folder);
    const entries = await readdir(path, { withFileTypes: true }).catch((cause) => {
      throw fileError("list", path, cause);
    });
    if (entries.length === 0 && folder !== "") emptyFolders.push(folder);
    for (const entry of entries) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) await visit(name);
      else files.push({ name, kind: entry.isSymbolicLink() ? "link" : entry.isFile() ? "file" : "other" });
    }
  };
  await visit("");
  return { files, emptyFolders };
}

/** Every entry of a folder that is no folder, as relative paths with forward slashes; links are not followed. */
export async function listFiles(root: string): Promise<FoundFile[]> {
  const { files } = await walk(root);
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Every folder below a folder that holds nothing, as relative paths with forward slashes, sorted. */
export async function listEmptyFolders(root: string): Promise<string[]> {
  return (await walk(root)).emptyFolders.sort();
}
