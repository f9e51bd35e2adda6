export { type ColumnOptions, FILE_NAME, resolveColumns } from "./columns.ts";
export { contentHashes, samplesHash } from "./content-hash.ts";
export { type CsvTable, formatCsvRow, formatSheetRow, parseCsv } from "./csv.ts";
export {
  columnNames,
  columnValue,
  datasetHash,
  datasetName,
  type ReadOptions,
  readDataset,
} from "./dataset.ts";
export { isDicomSource } from "./dicom/find-files.ts";
export { type DicomImportOptions, type DicomImportPlan, importDicom } from "./dicom/import-dicom.ts";
export {
  type DuplicateOptions,
  type Duplicates,
  findDuplicates,
  type ImageFingerprint,
  imageFingerprint,
  type NearDuplicate,
} from "./duplicates.ts";
export {
  type DecodeOptions,
  decodeImage,
  decodePng,
  encodePng,
  MAX_IMAGE_PIXELS,
  pixelHash,
  withChannels,
} from "./image.ts";
export { type ImportOptions, type ImportPlan, importDataset, planImport } from "./import.ts";
export { type Inspection, type InspectOptions, inspectDataset } from "./inspect.ts";
export {
  hasRegions,
  type ImageMap,
  readImageMap,
  statesRegion,
  TONE_ESTIMATED,
  type ToneSource,
} from "./maps/image-map.ts";
export { boxInSquare, maskBoxes, maskParts, parseBoxCells } from "./maps/lesion-boxes.ts";
export { drawOutlines, type MapMontageOptions, mapMontage, mapPicture } from "./maps/map-montage.ts";
export { mapSourcesHash } from "./maps/map-sources-hash.ts";
export { mapsHash, type PackMapsOptions, packMaps, toneHistogram } from "./maps/pack-maps.ts";
export type { PackedMaps } from "./maps/packed-maps.ts";
export * from "./maps/semantic-map.ts";
export { estimateTone, type SkinTone, toneOfAngle, typologyAngle } from "./maps/skin-tone.ts";
export { isToneUnknown, parseTone, toneMessage } from "./maps/tone-name.ts";
export { type ClassMontageOptions, classMontage, type MontageOptions, montage } from "./montage.ts";
export { openStore } from "./open-store.ts";
export { imageChannels, readImage, readMask } from "./pixels.ts";
export { imageFiles } from "./readers/image-files.ts";
export type { DatasetReader, Place, ReaderOptions, Recognition } from "./readers/reader.ts";
export { placeOf, recognise } from "./readers/recognise.ts";
export {
  type DrawnSplit,
  type DrawSplitOptions,
  drawSplit,
  PARTS,
  type Part,
  type PartCount,
} from "./split/draw-split.ts";
export { type AlikeImages, type AlikeSearch, groupImages, type ImageGroups } from "./split/image-groups.ts";
export { findRunDataset, isOfRun, RUN_SPLIT } from "./split/run-split.ts";
export { type SplitTable, withSplit, writeSplitTable } from "./split/split-file.ts";
export { planSplitPlace, type SplitPlace, type WriteSplitOptions, writeSplit } from "./split/write-split.ts";
export {
  type DatasetSplit,
  type SplitDatasetOptions,
  type StratifiedSplitOptions,
  splitDataset,
  stratifiedSplit,
  trainingSamples,
} from "./splits.ts";
export { cropSquare, resizeSquare, resizeSquareNearest, toPlanes } from "./square.ts";
export { openPackedStore, type PackOptions } from "./store.ts";
export { parseSynthetic, realFilter, SYNTHETIC, samplesMarked, syntheticMarks } from "./synthetic-column.ts";
export { readAsMissing } from "./table/missing-labels.ts";
export type {
  Columns,
  Dataset,
  GreyWindow,
  PackedImages,
  PackedStore,
  RawImage,
  Sample,
  SampleReader,
} from "./types.ts";
export { type InspectionFile, type WriteInspectionOptions, writeInspection } from "./write-inspection.ts";
export {
  type ExtraFile,
  fillFolder,
  holdsSplitWord,
  type OutputDescription,
  type OutputImage,
  type OutputRow,
  refuseNonEmpty,
  type WriteOptions,
  type WrittenDataset,
  writeDataset,
} from "./writer.ts";
