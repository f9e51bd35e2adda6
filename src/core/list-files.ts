import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileError } from "./files.ts";

/** An entry of a folder, by its path with forward slashes. */
export interface FoundFile {
  readonly name: string;
  readonly kind: "file" | "link" | "other";
}

/** Every entry of a folder that is no folder, as relative paths with forward slashes; links are not followed. */
export async function listFiles(root: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const visit = async (folder: string) => {
    const path = join(root, folder);
    const entries = await readdir(path, { withFileTypes: true }).catch((cause) => {
      throw fileError("list", path, cause);
    });
    for (const entry of entries) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) await visit(name);
      else found.push({ name, kind: entry.isSymbolicLink() ? "link" : entry.isFile() ? "file" : "other" });
    }
  };
  await visit("");
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
