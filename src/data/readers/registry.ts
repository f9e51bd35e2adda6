import { classFolders } from "./class-folders.ts";
import { dicom } from "./dicom.ts";
import { imageFolder } from "./image-folder.ts";
import { npz } from "./npz.ts";
import type { DatasetReader } from "./reader.ts";

/** All kinds of dataset; of two that are equally certain the earlier one reads. */
export const READERS: readonly DatasetReader[] = [
  imageFolder, // images with metadata.csv
  npz, // arrays in the MedMNIST layout
  dicom, // through `ganglion import` only
  classFolders, // a sub-folder for each class
];
