import { METADATA } from "../columns.ts";
import { readLayout } from "../layout/read-layout.ts";
import { FOLDER_READERS } from "./image-files.ts";
import type { DatasetReader } from "./reader.ts";

const TABLES = [METADATA, "metadata.jsonl"];

/**
 * Images and a table of them: what Hugging Face calls `imagefolder`, and the layout that Ganglion writes. `file_name` names
 * the image of a row; another column does where there is none of this name.
 */
export const imageFolder: DatasetReader = {
  async recognise({ root, names }) {
    const table = TABLES.find((name) => names.includes(name));
    if (table === undefined) return null;
    return {
      certainty: "marked",
      evidence: [table],
      read: (options) => readLayout(root, options, FOLDER_READERS, table),
    };
  },
};
