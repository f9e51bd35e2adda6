import type { Box } from "../../../data/maps/semantic-map.ts";

/** How a picture was made; stands in each PNG that leaves the studio, under the keyword `ganglion`. */
export interface PictureProvenance {
  readonly synthetic: true;
  /** SHA-256 of `generator.onnx`. */
  readonly generator: string | null;
  readonly condition: string;
  /** 1 to 6; only of map-to-image models. */
  readonly tone?: number;
  /** The generator learned from tones that were estimated from pixels. */
  readonly toneEstimated?: boolean;
  readonly seed: number;
  readonly boxes?: readonly Box[];
  /** SHA-256 of the region, uint8 [resolution * resolution], 255 inside. */
  readonly region?: string | undefined;
  readonly resolution: number;
  /** What computed it: `wasm` or `webgpu`. */
  readonly device: string;
}

/** SHA-256 in lower-case hex; undefined where the page is not in a secure context, which alone has it. */
export async function sha256(bytes: Uint8Array): Promise<string | undefined> {
  if (!globalThis.isSecureContext) return undefined;
  const digest = await crypto.subtle.digest("SHA-256", bytes.slice());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
