import { shellWord } from "../../core/quoted.ts";
import { dicomImportCommand } from "../dicom/import-hint.ts";
import type { DatasetReader } from "./reader.ts";

const NAME = /\.(dcm|dicom|ima)$/i;

/** DICOM by its names: pixels and identifiers must go through `ganglion import` first, which tells files by their bytes. */
export const dicom: DatasetReader = {
  async recognise({ root, names }) {
    const count = names.filter((name) => NAME.test(name)).length;
    if (count === 0) return null;
    const command =
      (await dicomImportCommand(root)) ?? `ganglion import ${shellWord(root)} ${shellWord(`${root}-dataset`)}`;
    const remedy = `${root}: the folder holds ${count} DICOM files; make a dataset of them first with ${command}`;
    return { certainty: "marked", evidence: [`${count} DICOM files by their names`], remedy };
  },
};
