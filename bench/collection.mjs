// Real images that the benches of the verdict measure on. Needs a build.
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { openPackedStore, openStore, readDataset, readMask, stratifiedSplit, toPlanes } from "../dist/data/index.js";
import { resizeArea } from "../dist/features/resize.js";
import { phantomPlan, renderPhantom } from "../dist/phantom/index.js";

/** How a collection is called in rows and tables. */
export const nameOf = (data) => (data === undefined ? "phantom" : basename(data));

/**
 * Opens a dataset, or `images` images of the built-in phantom, at one size.
 * @returns Store, patients and masks of rows (uint8 [n, S, S], null where there are none).
 */
export async function openCollection({ data, label, keep, size, images }) {
  if (data === undefined) return openPhantom(images, size);
  const dataset = await readDataset(data, label === undefined ? {} : { label });
  const folder = join(keep, `packed-${nameOf(data)}-${size}`);
  await mkdir(folder, { recursive: true });
  const store = await openPackedStore(dataset, { resolution: size, folder });
  const masks = async (rows) => {
    const out = new Uint8Array(rows.length * size ** 2);
    for (const [k, row] of rows.entries()) {
      const mask = await readMask(dataset, row);
      if (mask === null) return null;
      const small = resizeArea(mask.data, 1, mask.width, size);
      out.set(
        small.map((share) => (share > 0.25 ? 1 : 0)),
        k * size ** 2,
      );
    }
    return out;
  };
  return { store, patients: dataset.samples.map(({ patient }) => patient), masks };
}

function openPhantom(images, size) {
  const plan = phantomPlan(images, 1);
  const drawn = plan.map((spec) => renderPhantom(spec, size));
  const classes = [...new Set(plan.map(({ label }) => label))].sort();
  const bytes = 3 * size ** 2;
  const source = new Uint8Array(plan.length * bytes);
  for (const [i, { image }] of drawn.entries()) toPlanes(image, source.subarray(i * bytes, (i + 1) * bytes));
  const labels = Uint16Array.from(plan, ({ label }) => classes.indexOf(label));
  const masks = async (rows) => Uint8Array.from(rows.flatMap((row) => [...drawn[row].mask.data]));
  const store = openStore({ source, resolution: size, channels: 3, classes, labels });
  return { store, patients: plan.map(({ patient }) => patient), masks };
}

/** Rows of two halves: by patient where there are many, because 29 patients of two halves are two populations. */
export function halvesOf({ labels, classes }, patients) {
  const many = new Set(patients).size > 100;
  const [first, second] = stratifiedSplit(
    Array.from(labels, (label) => classes[label]),
    { fractions: [0.5, 0.5], groups: many ? patients : undefined },
  );
  return { first, second, many };
}
