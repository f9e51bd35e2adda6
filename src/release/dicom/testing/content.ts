import { sha256 } from "../../../core/hash.ts";
import { noise } from "../../../data/testing/fixtures.ts";
import type { RawImage } from "../../../data/types.ts";
import type { ReleaseContent, ReleaseImage } from "../../package-writer.ts";

const LABELS = ["melanoma", "naevus, blue"] as const;

/** Pixels of image `index` of {@link releaseContent}. */
export const contentPixels = (index: number, channels: 1 | 3): RawImage => noise(index, 24, 16 + index, channels);

/** A release of four images of two classes, with a column, a box and a mask. */
export function releaseContent(channels: 1 | 3 = 3, change: Partial<ReleaseContent> = {}): ReleaseContent {
  const images = [0, 1, 2, 3].map((index): ReleaseImage => {
    const label = LABELS[index % 2]!;
    const path = `${index % 2 === 0 ? "melanoma" : "class-1"}/00000${1 + Math.floor(index / 2)}.png`;
    return {
      fileName: `images/${path}`,
      label,
      attributes: { tone: index === 0 ? "" : "III" },
      seed: 40 + index,
      generator: sha256("generator"),
      boxes: index === 3 ? [[1, 2, 10, 12]] : [],
      mask:
        index === 3
          ? {
              fileName: `masks/${path}`,
              pixels: async () => ({ width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 255) }),
            }
          : null,
      width: 24,
      height: 16 + index,
      pixels: async () => contentPixels(index, channels),
    };
  });
  return {
    name: "skin",
    description: "Lesions.",
    license: { spdx: "CC0-1.0", url: "https://creativecommons.org/publicdomain/zero/1.0/" },
    creator: null,
    url: null,
    date: null,
    version: "0.1.0",
    hash: sha256("content"),
    classes: [...LABELS],
    images,
    removed: 0,
    residual: { max: 0, share: 0 },
    compared: true,
    statements: [],
    // No object says anything of the audit.
    audit: {} as ReleaseContent["audit"],
    metrics: null,
    relabelled: false,
    starts: [],
    privacy: null,
    ...change,
  };
}
