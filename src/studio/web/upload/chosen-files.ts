import { placeInUpload } from "../../place-in-upload.ts";

/** A file that a person chose, with its place in the folder that it was chosen with. */
export interface ChosenFile {
  /** With forward slashes. */
  readonly path: string;
  readonly file: File;
}

/** Files of a file chooser; of a folder with its name before theirs. */
export const filesOfInput = (input: HTMLInputElement): ChosenFile[] =>
  [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** Files that were dropped, and those in dropped folders. @throws Error for a file that cannot be read */
export async function filesOfDrop(transfer: DataTransfer): Promise<ChosenFile[]> {
  // Entries are there during the event alone.
  const dropped = [...transfer.items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found: ChosenFile[] = [];
  for (const { entry, file } of dropped) {
    if (entry !== null) await collect(entry, found);
    else if (file !== null) found.push({ path: file.name, file });
  }
  return found;
}

async function collect(entry: FileSystemEntry, into: ChosenFile[]): Promise<void> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    into.push({ path, file });
    return;
  }
  if (!entry.isDirectory) return;
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader gives some entries at a time, none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const below of some) await collect(below, into);
  }
}

/** Files without what operating systems put beside them; the server leaves that out too. */
export const withoutSystemFiles = (chosen: readonly ChosenFile[]): ChosenFile[] =>
  chosen.filter(({ path }) => !("leftOut" in placeInUpload(path)));

/** What an upload is called: as the archive or folder that was chosen. */
export function nameOf(chosen: readonly ChosenFile[]): string {
  const [first] = chosen;
  if (first === undefined) return "";
  const top = first.path.split("/")[0]!;
  const shared = chosen.every(({ path }) => path.split("/")[0] === top);
  return shared ? top.replace(/\.[^.]*$/, "") : "";
}
