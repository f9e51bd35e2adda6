// Images that the benches of the audit draw their sets from. Needs a build.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Rng } from "../dist/core/rng.js";
import { openPackedStore, readDataset } from "../dist/data/index.js";
import { readImages } from "../dist/features/raw-images.js";
import { phantomPlan, renderPhantom } from "../dist/phantom/index.js";

/** Every image that is drawn from, with class and patient; of the phantom `count` where no path is given. */
export async function imagePool(path, size, { count, patient: column }) {
  if (path === undefined) {
    const plan = phantomPlan(count, 1);
    return plan.map((spec) => ({ image: renderPhantom(spec, size).image, label: spec.label, patient: spec.patient }));
  }
  const dataset = await readDataset(path, { patient: column });
  const store = await openPackedStore(dataset, { resolution: size, folder: join(tmpdir(), "ganglion-planted-leaks") });
  const images = readImages(store, [...dataset.samples.keys()]);
  store.close();
  return dataset.samples.map(({ label, patient }, i) => ({
    name: dataset.samples[i].fileName,
    image: images[i],
    label,
    patient: patient ?? `image ${i}`,
  }));
}

/** Training, held-out and further images of different patients, drawn with the seed. */
export function divideByPatient(all, seed, { train, holdout, clean }) {
  const byPatient = new Map();
  for (const item of all) byPatient.set(item.patient, [...(byPatient.get(item.patient) ?? []), item]);
  const order = new Rng(seed, "planted-leaks").shuffle([...byPatient.keys()]);
  const take = (n) => {
    const out = [];
    while (out.length < n && order.length > 0) out.push(...byPatient.get(order.pop()));
    return out.slice(0, n);
  };
  return { train: take(train), holdout: take(holdout), clean: take(clean) };
}
