import { runLengths } from "../../data/export/coco.ts";
import { maskParts } from "../../data/maps/lesion-boxes.ts";
import type { MapDescription } from "../../model/map-description.ts";
import { cornersOf, type MapRequest, regionOf } from "./map-request.ts";

/** File of a set of filled maps for training detectors and segmenters. */
export const COCO = "coco.json";

interface Shape {
  /** x, y, width, height in pixels. */
  readonly bbox: readonly [number, number, number, number];
  readonly area: number;
  readonly segmentation:
    | readonly (readonly number[])[]
    | { readonly size: readonly [number, number]; readonly counts: readonly number[] };
}

/** Boxes as four corners each where they are the region; else the parts of the region, exact, as run lengths. */
function shapesOf({ boxes, region }: MapRequest, size: number): Shape[] {
  if (regionOf("box", size, boxes).every((value, i) => value === region[i])) {
    return cornersOf(boxes, size).map(([left, top, right, bottom]) => ({
      bbox: [left, top, right - left, bottom - top],
      area: (right - left) * (bottom - top),
      segmentation: [[left, top, right, top, right, bottom, left, bottom]],
    }));
  }
  return maskParts(region, size).map(({ xMin, yMin, xMax, yMax, area, pixels }) => {
    const counts = runLengths({ pixels }, size, size);
    return { bbox: [xMin, yMin, xMax - xMin, yMax - yMin], area, segmentation: { size: [size, size], counts } };
  });
}

/**
 * COCO detection and segmentation (Lin et al. 2014, arXiv 1405.0312; cocodataset.org/#format-data) of filled maps: one
 * annotation for each box, or for each part of a shape; categories are the classes from 1.
 */
export function cocoOf(
  images: readonly { readonly fileName: string; readonly request: MapRequest }[],
  { classes, resolution, license }: Pick<MapDescription, "classes" | "resolution" | "license">,
): Record<string, unknown> {
  const annotations = images.flatMap(({ request }, i) =>
    shapesOf(request, resolution).map((shape) => ({
      image_id: i + 1,
      category_id: request.condition + 1,
      ...shape,
      iscrowd: 0,
    })),
  );
  return {
    info: { description: "Synthetic images made by Ganglion; regions are those that were asked for" },
    licenses: license === "" ? [] : [{ id: 1, name: license }],
    images: images.map(({ fileName }, i) => ({
      id: i + 1,
      file_name: fileName,
      width: resolution,
      height: resolution,
    })),
    annotations: annotations.map((annotation, i) => ({ id: i + 1, ...annotation })),
    categories: classes.map((name, i) => ({ id: i + 1, name })),
  };
}
