/** What the page and the thread that computes pictures say to each other. */

const DEVICES = ["webgpu", "wasm"] as const;
export type PageDevice = (typeof DEVICES)[number];

/** What a picture is drawn of. */
export interface PictureRequest {
  /** Width and height in pixels. */
  readonly resolution: number;
  /** uint8 [resolution * resolution], 255 inside; null for models without a map. */
  readonly region: Uint8Array | null;
  /** Class index. */
  readonly condition: number;
  readonly conditions: number;
  /** 1 to 6. */
  readonly tone: number;
  readonly seed: number;
  /** Length of the latent, 0 for none. */
  readonly latent: number;
}

/** A picture as bytes. */
export interface Picture {
  /** Width and height in pixels. */
  readonly resolution: number;
  readonly channels: 1 | 3;
  /** uint8 [resolution, resolution, channels]. */
  readonly pixels: Uint8Array;
}

export type ToThread =
  | { readonly say: "load"; readonly url: string; readonly devices: readonly PageDevice[] }
  | { readonly say: "draw"; readonly id: number; readonly request: PictureRequest };

/** Why a device is not used. */
export interface PassedOver {
  readonly why: "unsupported" | "no-gpu" | "software" | "failed";
  /** In words, English. */
  readonly message: string;
}

/** What computes pictures. */
export interface Engine {
  readonly device: PageDevice;
  readonly threads: number;
  /** Why a device that was asked for before this one is not used; empty where the first one is. */
  readonly passedOver: readonly PassedOver[];
}

export type FromThread =
  | { readonly say: "ready"; readonly engine: Engine }
  | { readonly say: "drawn"; readonly id: number; readonly picture: Picture; readonly milliseconds: number }
  | { readonly say: "failed"; readonly id: number | null; readonly message: string };
