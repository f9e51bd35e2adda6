import { listFiles } from "../../core/list-files.ts";
import type { Dataset } from "../../data/types.ts";
import { COCO, CONTACT_SHEET, PROVENANCE, STRIP } from "../../sample/index.ts";
import type { Reasons } from "./reasons.ts";

/** What `generate` writes beside images and masks. */
const KNOWN = ["metadata.csv", "dataset.json", PROVENANCE, COCO, STRIP, CONTACT_SHEET];
/** What remembers training images or draws them. */
const NETWORK = /\.(safetensors|onnx|npz|npy|pt|pth|ckpt|bin|pkl)$/i;

/**
 * What lies in a synthetic set and should not: links, hidden files, networks, files that no row names. None of them would
 * be copied; that they are there means that the folder is not what `generate` wrote.
 */
export async function checkFolder(dataset: Dataset, reasons: Reasons): Promise<void> {
  const listed = new Set(KNOWN);
  for (const { fileName, mask } of dataset.samples) {
    listed.add(fileName);
    if (mask !== undefined) listed.add(mask.replace(/^\.\//, ""));
  }
  const groups = { link: [] as string[], hidden: [] as string[], network: [] as string[], unlisted: [] as string[] };
  for (const { name, kind } of await listFiles(dataset.root)) {
    if (kind !== "file") groups.link.push(name);
    else if (name.split("/").some((part) => part.startsWith("."))) groups.hidden.push(name);
    else if (NETWORK.test(name)) groups.network.push(name);
    else if (!listed.has(name)) groups.unlisted.push(name);
  }
  const remedy = "release the folder as `ganglion generate` wrote it";
  reasons.each("link", "files", groups.link, `links and devices may lead to real images; ${remedy}`);
  reasons.each("hidden-file", "files", groups.hidden, "hidden files are not released; remove them");
  reasons.each(
    "network-file",
    "files",
    groups.network,
    "checkpoints, discriminators and packed images remember the training; remove them (a generator is released by --with-generator)",
  );
  reasons.each(
    "unlisted-file",
    "files",
    groups.unlisted,
    `no row of metadata.csv names them; remove them, or ${remedy}`,
  );
}
