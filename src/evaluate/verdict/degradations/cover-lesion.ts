import { byPlane, type PixelChange, type Planes } from "./planes.ts";

/** Sweeps that spread the surroundings into the region. */
const SWEEPS = 120;

/** Where an image is painted over: its mask and a pixel around it, else a disc about the middle of the given radius. */
function hole({ regions, side }: Planes, image: number, radius: number): Int32Array {
  const own = regions?.subarray(image * side * side, (image + 1) * side * side);
  const masked = own?.some((value) => value !== 0) ?? false;
  const middle = (side - 1) / 2;
  const inside = (x: number, y: number): boolean => {
    if (!masked) return (x - middle) ** 2 + (y - middle) ** 2 <= radius ** 2;
    for (let v = Math.max(0, y - 1); v <= Math.min(side - 1, y + 1); v++) {
      for (let u = Math.max(0, x - 1); u <= Math.min(side - 1, x + 1); u++) if (own![v * side + u] !== 0) return true;
    }
    return false;
  };
  return Int32Array.from(Array.from({ length: side * side }, (_, i) => i)).filter((i) =>
    inside(i % side, Math.floor(i / side)),
  );
}

/**
 * The lesion painted over with its surroundings: pixels of the hole take the mean of their neighbours again and again
 * (Laplace's equation with the values around it, Gauss-Seidel sweeps from both ends).
 * @param strength Radius in pixels of the disc that is painted over in images without a mask.
 */
export const coveredLesion: PixelChange = (images, radius) => {
  const { side, channels } = images;
  const holes = new Map<number, Int32Array>();
  return byPlane(images, (plane, at) => {
    const image = Math.floor(at / channels);
    const pixels = holes.get(image) ?? hole(images, image, radius);
    holes.set(image, pixels);
    const out = Float64Array.from(plane);
    const covered = new Uint8Array(out.length);
    for (const i of pixels) covered[i] = 1;
    const known = out.filter((_, i) => covered[i] === 0);
    const start = known.length === 0 ? 0 : known.reduce((a, b) => a + b, 0) / known.length;
    for (const i of pixels) out[i] = start;
    const relax = (i: number): void => {
      const [x, y] = [i % side, Math.floor(i / side)];
      const left = out[x > 0 ? i - 1 : i]!;
      const right = out[x < side - 1 ? i + 1 : i]!;
      const above = out[y > 0 ? i - side : i]!;
      const below = out[y < side - 1 ? i + side : i]!;
      out[i] = (left + right + above + below) / 4;
    };
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      if (sweep % 2 === 0) for (let k = 0; k < pixels.length; k++) relax(pixels[k]!);
      else for (let k = pixels.length - 1; k >= 0; k--) relax(pixels[k]!);
    }
    return out;
  });
};
