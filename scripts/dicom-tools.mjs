import { existsSync } from "node:fs";
import { join } from "node:path";
import { onPath } from "./on-path.mjs";

/** Programs that judge and decode DICOM files: dicom3tools, DCMTK, GDCM. */
const TOOLS = ["dciodvfy", "dcmdump", "dcmj2pnm", "gdcmraw", "gdcminfo"];
const PLUGIN_FOLDERS = ["/usr/share/orthanc/plugins", "/usr/lib/orthanc"];

/** Folder of the first of the DICOM programs when all are on the PATH, or null. */
export function findDicomTools(env = process.env) {
  const found = TOOLS.map((name) => onPath(name, env));
  return found.every((path) => path !== undefined) ? found[0].slice(0, -(TOOLS[0].length + 1)) : null;
}

/** The PACS Orthanc and its DICOMweb plugin, `PROGRAM:PLUGIN`, or null. */
export function findOrthanc(env = process.env) {
  const program = onPath("Orthanc", env);
  const plugin = PLUGIN_FOLDERS.map((folder) => join(folder, "libOrthancDicomWeb.so")).find((path) => existsSync(path));
  return program === undefined || plugin === undefined ? null : `${program}:${plugin}`;
}
