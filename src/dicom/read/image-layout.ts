import { named } from "../../core/quoted.ts";
import { PIXEL_DATA } from "./element-reader.ts";
import type { DicomDataset } from "./elements.ts";
import { dicomError } from "./elements.ts";
import type { DicomFile } from "./parse.ts";

/** Most pixels a frame may have; a larger one is refused before it is decoded. */
const MAX_FRAME_PIXELS = 100_000_000;

/** How the pixels of a file are stored: the image pixel module, PS3.3 section C.7.6.3. */
export interface ImageLayout {
  readonly rows: number;
  readonly columns: number;
  /** Samples a pixel: 1 grey or palette, 3 colour. */
  readonly samples: 1 | 3;
  readonly photometric: string;
  /** True where colour planes lie one behind the other in uncompressed frames. */
  readonly planar: boolean;
  readonly bitsAllocated: 1 | 8 | 16 | 32;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  readonly frames: number;
  /** The file says the number of frames; else it is taken for one. */
  readonly framesStated: boolean;
}

/** Photometric interpretations that are read (PS3.3 section C.7.6.3.1.2), with their samples a pixel. */
const PHOTOMETRIC: Readonly<Record<string, 1 | 3>> = {
  MONOCHROME1: 1,
  MONOCHROME2: 1,
  "PALETTE COLOR": 1,
  RGB: 3,
  YBR_FULL: 3,
  YBR_FULL_422: 3,
  YBR_ICT: 3,
  YBR_RCT: 3,
};

/** Why a file has no pixels to read, in words; undefined when it has. */
export function withoutPixels(dataset: DicomDataset): string | undefined {
  if (dataset.elements.has(PIXEL_DATA)) return undefined;
  if (dataset.has(0x7fe00008) || dataset.has(0x7fe00009))
    return "pixels are floating point numbers, which are not read";
  return "no pixels";
}

/**
 * Reads and checks how pixels are stored.
 * @throws GanglionError `image` that names every attribute which is missing or impossible.
 */
export function imageLayout(file: DicomFile): ImageLayout {
  const { dataset, name } = file;
  const wrong: string[] = [];
  const need = (tag: number, words: string): number => {
    const value = dataset.integer(tag);
    if (value === undefined) wrong.push(`${words} is missing`);
    return value ?? 0;
  };
  const rows = need(0x00280010, "Rows");
  const columns = need(0x00280011, "Columns");
  const bitsAllocated = need(0x00280100, "BitsAllocated");
  const photometric = (dataset.text(0x00280004) ?? "").toUpperCase();
  const samples = dataset.integer(0x00280002) ?? PHOTOMETRIC[photometric] ?? 1;
  const bitsStored = dataset.integer(0x00280101) ?? bitsAllocated;
  const highBit = dataset.integer(0x00280102) ?? bitsStored - 1;
  // A number of 0 is met in files of one frame.
  const stated = dataset.decimals(0x00280008)[0] ?? 0;
  const framesStated = Number.isInteger(stated) && stated >= 1;
  if (wrong.length === 0) {
    if (rows === 0 || columns === 0) wrong.push(`the image has ${columns} x ${rows} pixels`);
    if (rows * columns > MAX_FRAME_PIXELS) {
      wrong.push(`a frame has more than ${MAX_FRAME_PIXELS / 1e6} million pixels, the most that is read`);
    }
    if (![1, 8, 16, 32].includes(bitsAllocated)) {
      wrong.push(`BitsAllocated is ${bitsAllocated}; 1, 8, 16 and 32 are read`);
    }
    if (bitsStored < 1 || bitsStored > bitsAllocated) {
      wrong.push(`BitsStored is ${bitsStored} with BitsAllocated ${bitsAllocated}`);
    } else if (highBit < bitsStored - 1 || highBit >= bitsAllocated) {
      wrong.push(`HighBit is ${highBit} with BitsStored ${bitsStored}`);
    }
    const expected = PHOTOMETRIC[photometric];
    if (expected === undefined) {
      const found = photometric === "" ? "is missing" : `is ${named(photometric)}`;
      wrong.push(`PhotometricInterpretation ${found}; ${Object.keys(PHOTOMETRIC).join(", ")} are read`);
    } else if (samples !== expected) {
      wrong.push(`SamplesPerPixel is ${samples} with PhotometricInterpretation ${photometric}`);
    }
  }
  if (wrong.length > 0) {
    const message = `the pixels are not described as they must be: ${wrong.join("; ")}; restore the file from its source or remove it`;
    throw dicomError(name, "image-layout", message);
  }
  return {
    rows,
    columns,
    samples: samples as 1 | 3,
    photometric,
    planar: samples === 3 && dataset.integer(0x00280006) === 1,
    bitsAllocated: bitsAllocated as 1 | 8 | 16 | 32,
    bitsStored,
    highBit,
    signed: dataset.integer(0x00280103) === 1,
    frames: framesStated ? stated : 1,
    framesStated,
  };
}
