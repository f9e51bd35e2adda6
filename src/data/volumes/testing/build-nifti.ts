/** What {@link nifti} writes. */
export interface Built {
  readonly dims?: readonly number[];
  /** Signs of the diagonal of the matrix from voxels to millimetres; null leaves orientation out. */
  readonly signs?: readonly [number, number, number] | null;
  readonly spacing?: readonly [number, number, number];
  readonly type?: 2 | 4 | 16 | 128;
  readonly big?: boolean;
  readonly slope?: number;
  readonly intercept?: number;
  readonly value: (i: number, j: number, k: number) => number;
}

/** A NIfTI-1 file (nifti1.h): a header of 348 bytes, four of no extension, voxels. */
export function nifti({
  dims = [4, 3, 2],
  signs = [1, 1, 1],
  spacing = [1, 2, 3],
  type = 4,
  big = false,
  slope = 0,
  intercept = 0,
  value,
}: Built): Buffer {
  const bytes = { 2: 1, 4: 2, 16: 4, 128: 3 }[type];
  const [nx, ny, nz] = dims as [number, number, number];
  const count = dims.reduce((n, d) => n * d, 1);
  const out = Buffer.alloc(352 + count * bytes);
  const view = new DataView(out.buffer, out.byteOffset, out.length);
  const short = (at: number, n: number) => view.setInt16(at, n, !big);
  const float = (at: number, n: number) => view.setFloat32(at, n, !big);
  view.setInt32(0, 348, !big);
  short(40, dims.length);
  dims.forEach((d, i) => {
    short(42 + 2 * i, d);
  });
  short(70, type);
  short(72, 8 * bytes);
  [1, ...spacing].forEach((mm, i) => {
    float(76 + 4 * i, mm);
  });
  float(108, 352);
  float(112, slope);
  float(116, intercept);
  if (signs !== null) {
    short(254, 1);
    signs.forEach((sign, i) => {
      float(280 + 16 * i + 4 * i, sign * spacing[i]!);
    });
  }
  out.write("n+1\0", 344, "latin1");
  for (let n = 0; n < count; n++) {
    const v = value(n % nx, Math.floor(n / nx) % ny, Math.floor(n / nx / ny) % nz);
    const at = 352 + n * bytes;
    if (type === 2) view.setUint8(at, v);
    else if (type === 4) short(at, v);
    else if (type === 16) float(at, v);
  }
  return out;
}
