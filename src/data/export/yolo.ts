import type { ExportImage } from "./export-objects.ts";
import { outlineOf } from "./outline.ts";

/** A share of a side; a billionth of it is below any pixel. */
const share = (value: number, side: number): string => String(Math.round((1e9 * value) / side) / 1e9);

/** Lines of the label file of an image: class, then a ring, or a box by its centre and size, in shares of the image. */
export function yoloLines({ objects, width, height, label }: ExportImage, classes: readonly string[]): string {
  const at = classes.indexOf(label);
  return objects
    .map(({ box, region }) => {
      const values =
        region === null
          ? [(box.xMin + box.xMax) / 2, (box.yMin + box.yMax) / 2, box.xMax - box.xMin, box.yMax - box.yMin]
          : outlineOf(region, width);
      return `${[at, ...values.map((value, i) => share(value, i % 2 === 0 ? width : height))].join(" ")}\n`;
    })
    .join("");
}

/** `data.yaml`: splits and class names; texts in the quotes of JSON, which YAML reads. */
export function yoloYaml(splits: readonly string[], classes: readonly string[]): string {
  const train = splits.includes("train") ? "train" : splits[0]!;
  const lines = [`train: images/${train}`, `val: images/${splits.includes("val") ? "val" : train}`];
  if (splits.includes("test")) lines.push("test: images/test");
  return [
    ...lines,
    `nc: ${classes.length}`,
    "names:",
    ...classes.map((name, i) => `  ${i}: ${JSON.stringify(name)}`),
    "",
  ].join("\n");
}
