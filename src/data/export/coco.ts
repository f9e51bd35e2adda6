import type { ExportImage, ExportObject } from "./export-objects.ts";

/** Run lengths of a region down the columns of its image, outside first (uncompressed RLE of COCO). */
export function runLengths({ pixels }: { readonly pixels: Int32Array }, width: number, height: number): number[] {
  const places = Int32Array.from(pixels, (pixel) => (pixel % width) * height + Math.floor(pixel / width)).sort();
  const counts: number[] = [];
  let end = 0;
  for (let i = 0; i < places.length; ) {
    let n = 1;
    while (i + n < places.length && places[i + n] === places[i]! + n) n++;
    counts.push(places[i]! - end, n);
    end = places[i]! + n;
    i += n;
  }
  if (end < width * height) counts.push(width * height - end);
  return counts;
}

function shapeOf({ box, region }: ExportObject, { width, height }: ExportImage) {
  const bbox = [box.xMin, box.yMin, box.xMax - box.xMin, box.yMax - box.yMin];
  if (region === null) return { bbox, area: bbox[2]! * bbox[3]!, segmentation: [], iscrowd: 0 };
  const counts = runLengths(region, width, height);
  return { bbox, area: region.area, segmentation: { size: [height, width], counts }, iscrowd: 0 };
}

/** Images and their objects as COCO has them (cocodataset.org/#format-data); categories are the classes from 1. */
export function cocoFile(
  images: readonly ExportImage[],
  classes: readonly string[],
  description: string,
  license: string | undefined,
): Record<string, unknown> {
  const annotations = images.flatMap((image, i) =>
    image.objects.map((object) => ({
      image_id: i + 1,
      category_id: classes.indexOf(image.label) + 1,
      ...shapeOf(object, image),
    })),
  );
  return {
    info: { description },
    licenses: license === undefined ? [] : [{ id: 1, name: license, url: "" }],
    images: images.map(({ name, width, height }, i) => ({ id: i + 1, file_name: name, width, height })),
    annotations: annotations.map((annotation, i) => ({ id: i + 1, ...annotation })),
    categories: classes.map((name, i) => ({ id: i + 1, name, supercategory: "" })),
  };
}
