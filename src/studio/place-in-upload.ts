/** Where a file of an upload goes, below its folder; what operating systems put beside files is left out. */
export type Place =
  | { readonly path: string }
  | { readonly leftOut: true }
  /** Why it is refused, as the end of a sentence that names the file. */
  | { readonly problem: string };

const LONGEST = { name: 255, path: 1024, depth: 24 } as const;
/** Folders and files that macOS and Windows add to archives and folders. */
const OF_SYSTEMS = new Set(["__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "system volume information"]);

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/**
 * Where a file of an upload goes: a relative path of plain names, in one form of Unicode.
 * @param name With forward slashes, as a zip archive or a browser has it.
 */
export function placeInUpload(name: string): Place {
  if (/[\p{Cc}\\]/u.test(name)) return { problem: "the name holds a backslash or a control character" };
  if (/^(\/|[A-Za-z]:)/.test(name)) return { problem: "the name is an absolute path" };
  const parts = name.normalize("NFC").split("/");
  if (parts.includes("..")) return { problem: "the name leads out of the folder" };
  if (parts.includes("") || parts.includes(".")) return { problem: "a part of the name is empty" };
  if (parts.some((part) => part.startsWith(".") || OF_SYSTEMS.has(part.toLowerCase()))) return { leftOut: true };
  const path = parts.join("/");
  if (parts.length > LONGEST.depth) return { problem: `more than ${LONGEST.depth} folders lie in each other` };
  if (parts.some((part) => bytesOf(part) > LONGEST.name) || bytesOf(path) > LONGEST.path) {
    return { problem: "the name is too long" };
  }
  return { path };
}
