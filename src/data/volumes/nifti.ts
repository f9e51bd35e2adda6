import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { isNIFTI, readHeader, readImage } from "nifti-reader-js";
import { GanglionError } from "../../core/errors.ts";
import { foreignBytes, foreignMessage } from "../../core/foreign-bytes.ts";
import { readInside } from "../../core/inside-folder.ts";

/** Most bytes that a volume unpacks to. */
const MAX_BYTES = 2 ** 31 - 1;
const unpack = promisify(gunzip);

/** Kinds of numbers by their NIfTI-1 code (`datatype` of nifti1.h). */
const TYPES: Readonly<
  Record<number, { readonly bytes: number; readonly read: (view: DataView, at: number, little: boolean) => number }>
> = {
  2: { bytes: 1, read: (view, at) => view.getUint8(at) },
  4: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  8: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  16: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  64: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  256: { bytes: 1, read: (view, at) => view.getInt8(at) },
  512: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  768: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
};

/** A volume in memory; of several over time the first. */
export interface Volume {
  /** Voxels along its three axes. */
  readonly dims: readonly [number, number, number];
  /** Millimetres between voxels along each axis. */
  readonly spacing: readonly [number, number, number];
  /** Where each axis leads, as `RAS`: to the right, front and head of the patient; null where the file does not say. */
  readonly orientation: string | null;
  /** Volumes over time in the file. */
  readonly times: number;
  /** Value of a voxel in units of the file; NaN where it has none. */
  value(i: number, j: number, k: number): number;
}

function volumeError(path: string, code: string, message: string, cause?: unknown): GanglionError {
  return new GanglionError("image", `${path}: ${message}`, { cause, problems: [{ code, path, message }] });
}

/**
 * Letters of the axes by the matrix from voxels to millimetres (x to the right, y to the front, z to the head): each axis leads
 * along that of the patient with which it agrees most; null for a matrix that says nothing.
 */
function lettersOf(affine: readonly (readonly number[])[]): string | null {
  const taken = new Set<number>();
  const letters = [0, 1, 2].map((axis) => {
    const along = [0, 1, 2].map((world) => affine[world]?.[axis] ?? 0);
    let best = -1;
    for (const world of [0, 1, 2]) {
      const more = best < 0 || Math.abs(along[world]!) > Math.abs(along[best]!);
      if (!taken.has(world) && along[world] !== 0 && more) best = world;
    }
    if (best < 0) return "";
    taken.add(best);
    return (along[best]! > 0 ? "RAS" : "LPI")[best]!;
  });
  return letters.includes("") ? null : letters.join("");
}

/** @throws GanglionError `image` for a header that the library cannot read */
function headerOf(data: ArrayBuffer, path: string): ReturnType<typeof readHeader> {
  try {
    return readHeader(data);
  } catch (cause) {
    const message = `the header of the volume is damaged (${(cause as Error).message}); restore the file from its source`;
    throw volumeError(path, "damaged-image", message, cause);
  }
}

/** Reads a volume of one file, `.nii` or `.nii.gz`. @throws GanglionError `image` with what is wrong, or `files` */
export async function readVolume(root: string, path: string): Promise<Volume> {
  const packed = await readInside(root, path, "follow");
  let bytes: Uint8Array = packed;
  if (packed[0] === 0x1f && packed[1] === 0x8b) {
    bytes = await unpack(packed, { maxOutputLength: MAX_BYTES }).catch((cause) => {
      const message = `the volume is damaged or cut short (${(cause as Error).message}); restore it from its source`;
      throw volumeError(path, "damaged-image", message, cause);
    });
  }
  const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  if (!isNIFTI(data)) {
    const foreign = foreignBytes(bytes);
    const message =
      foreign === null ? "this is no NIfTI volume of one file; convert it to .nii.gz" : foreignMessage(foreign);
    throw volumeError(path, foreign?.code ?? "image-format", message);
  }
  const header = headerOf(data, path);
  const [count = 0, nx = 0, ny = 0, nz = 1, nt = 1] = header.dims;
  const dims = [nx, ny, count < 3 ? 1 : nz] as const;
  const type = TYPES[header.datatypeCode];
  if (type === undefined) {
    const message = `values of type ${header.datatypeCode} (colours, complex or 64-bit whole numbers) are not read; save the volume as numbers of 8, 16 or 32 bits`;
    throw volumeError(path, "image-format", message);
  }
  if (count < 2 || dims.some((n) => !Number.isInteger(n) || n < 1 || n > 8192)) {
    const message = `the volume has ${dims.join(" x ")} voxels; restore the file from its source`;
    throw volumeError(path, "damaged-image", message);
  }
  const voxels = readImage(header, data);
  const needed = dims[0] * dims[1] * dims[2] * type.bytes;
  if (voxels.byteLength < needed) {
    const message = `the volume needs ${needed} bytes of voxels and ${voxels.byteLength} are there; the file is cut short, restore it from its source`;
    throw volumeError(path, "cut-short", message);
  }
  const view = new DataView(voxels);
  const { littleEndian, pixDims } = header;
  const slope = Number.isFinite(header.scl_slope) && header.scl_slope !== 0 ? header.scl_slope : 1;
  const intercept = Number.isFinite(header.scl_inter) && header.scl_slope !== 0 ? header.scl_inter : 0;
  const spacing = [1, 2, 3].map((i) => Math.abs(pixDims[i] ?? 0) || 1) as unknown as Volume["spacing"];
  return {
    dims,
    spacing,
    orientation: header.qform_code > 0 || header.sform_code > 0 ? lettersOf(header.affine) : null,
    times: count > 3 ? Math.max(1, nt) : 1,
    value: (i, j, k) => type.read(view, ((k * ny + j) * nx + i) * type.bytes, littleEndian) * slope + intercept,
  };
}
