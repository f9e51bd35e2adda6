export { type ColumnOptions, FILE_NAME, resolveColumns } from "./columns.ts";
export { type CsvTable, formatCsvRow, parseCsv } from "./csv.ts";
export { columnNames, columnValue, datasetHash, datasetName, type ReadOptions, readDataset } from "./dataset.ts";
export {
  type DecodeOptions,
  decodeImage,
  decodePng,
  encodePng,
  type GreyWindow,
  MAX_IMAGE_PIXELS,
  pixelHash,
  withChannels,
} from "./image.ts";
export { releaseNpz } from "./npz.ts";
export { imageChannels, readImage, readMask } from "./pixels.ts";
export { cropSquare, resizeSquare, resizeSquareNearest, toPlanes } from "./square.ts";
export { openPackedStore, type PackOptions } from "./store.ts";
export type { Columns, Dataset, DatasetKind, PackedStore, RawImage, Sample } from "./types.ts";
export {
  type ExtraFile,
  holdsSplitWord,
  type OutputDescription,
  type OutputImage,
  type OutputRow,
  refuseNonEmpty,
  type WriteOptions,
  type WrittenDataset,
  writeDataset,
} from "./writer.ts";
