import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../core/testing/fixtures.ts";
import { readDataset } from "../data/dataset.ts";
import { packMaps } from "../data/maps/pack-maps.ts";
import { writePhantom } from "./write.ts";

const folder = await temporaryFolder();

test("the phantom states boxes, masks and tones, and its tones are found again without them", async () => {
  const out = join(folder, "skin");
  await writePhantom(out, { count: 60, size: 32, seed: 2 });
  const dataset = await readDataset(out);
  const { maps, notes } = await packMaps(dataset, { kind: "box", resolution: 32 });
  expect([notes, maps.tonesEstimated]).toEqual([[], false]);
  const { mask, box, tone, ...others } = dataset.columns;
  expect([mask, box?.length, tone]).toEqual(["mask_file_name", 4, "tone"]);
  const byMask = await packMaps(
    { ...dataset, columns: { ...others, mask: String(mask) } },
    { kind: "mask", resolution: 32 },
  );
  expect(byMask.maps.boxes).toEqual(maps.boxes);
  expect(byMask.maps.tonesEstimated).toBe(true);
  const apart = [...maps.tones].map((stated, i) => Math.abs(stated - byMask.maps.tones[i]!));
  // The phantom's cameras differ in white balance and light: next to the stated type, rarely further off.
  expect(apart.filter((distance) => distance > 1).length).toBeLessThanOrEqual(1);
  expect(apart.filter((distance) => distance === 0).length).toBeGreaterThan(25);
});
