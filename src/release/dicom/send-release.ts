import { join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { joinInside } from "../../core/files.ts";
import { isMissing, readInside } from "../../core/inside-folder.ts";
import { parseCsv } from "../../data/csv.ts";
import { verifyRelease } from "../checksums.ts";
import { DICOM_TABLE } from "./dicom-format.ts";
import { type SentObjects, type StowObject, type StowOptions, sendStow, storeAddress } from "./stow.ts";

/**
 * Sends every object of a release that `ganglion release --format dicom` wrote, see {@link sendStow}. The gate let it out as
 * it was written: one that was changed since is not sent.
 * @throws GanglionError `files` or `dataset` for a folder that is no such release, and what sending throws
 */
export async function sendRelease(folder: string, options: StowOptions): Promise<SentObjects> {
  storeAddress(options.url, options.authorization);
  await verifyRelease(folder);
  return sendStow(folder, await objectsOf(folder), options);
}

async function objectsOf(folder: string): Promise<StowObject[]> {
  const path = join(folder, DICOM_TABLE);
  const unfit = new GanglionError(
    "dataset",
    `${path} names no DICOM objects; give a folder that \`ganglion release --format dicom\` wrote`,
  );
  const bytes = await readInside(folder, DICOM_TABLE).catch((cause) => {
    throw isMissing(cause) ? unfit : cause;
  });
  const { header, rows } = parseCsv(bytes.toString("utf8"), path);
  const [file, uid] = ["file_name", "sop_instance_uid"].map((name) => header.indexOf(name));
  if (file! < 0 || uid! < 0 || rows.length === 0) throw unfit;
  return rows.map((row) => {
    if (joinInside(folder, row[file!]!) === null) {
      throw new GanglionError("dataset", `${path}: ${row[file!]!} leads outside the folder; nothing was sent`);
    }
    return { fileName: row[file!]!, sopInstanceUid: row[uid!]! };
  });
}
