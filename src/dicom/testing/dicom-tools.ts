import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** Whether a test is skipped, with a line that says so, because no DICOM tools are installed. */
export function missingDicomTools(what: string): boolean {
  const missing = (process.env.GANGLION_DICOM_TOOLS ?? "") === "" && process.env.CI !== "true";
  if (missing) console.warn(`skipped: no DICOM tools (dicom3tools, dcmtk, gdcm) on this machine, so ${what}`);
  return missing;
}

/** What one of the DICOM tools says on both streams, and its exit code. */
export async function dicomTool(name: string, ...words: string[]): Promise<{ code: number; said: string }> {
  const program = join(process.env.GANGLION_DICOM_TOOLS ?? "", name);
  try {
    const { stdout, stderr } = await promisify(execFile)(program, words, { maxBuffer: 64 * 2 ** 20 });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    if (typeof code !== "number") throw error;
    return { code, said: stdout + stderr };
  }
}

/** Pixels of a binary PGM or PPM file (8 bits): size and bytes. */
export function parsePnm(bytes: Uint8Array): { width: number; height: number; channels: 1 | 3; data: Uint8Array } {
  const head = Buffer.from(bytes.subarray(0, 200)).toString("latin1");
  const found = /^P([56])\s+(?:#[^\n]*\n\s*)*(\d+)\s+(\d+)\s+255\s/.exec(head);
  if (found === null) throw new Error(`no 8-bit PGM or PPM: ${head.slice(0, 40)}`);
  const [all, kind, width, height] = found;
  const data = new Uint8Array(bytes.subarray(all.length));
  return { width: Number(width), height: Number(height), channels: kind === "5" ? 1 : 3, data };
}
