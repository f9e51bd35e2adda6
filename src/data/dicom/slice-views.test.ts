import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { type BuiltElement, buildDicom, greyElements } from "../../dicom/read/testing/build-dicom.ts";
import { readDataset } from "../dataset.ts";
import { decodeImage } from "../image.ts";
import { readImage } from "../pixels.ts";
import { writeFiles } from "../testing/fixtures.ts";
import { importDicom } from "./import-dicom.ts";
import { SliceViews } from "./slice-views.ts";

const root = await temporaryFolder();
const SIDE = 8;

/** CT of values from -1000 on. */
function slice(n: number, further: readonly BuiltElement[] = []): Uint8Array {
  const values = Array.from({ length: SIDE * SIDE }, (_, i) => i * 30 + n);
  return buildDicom(
    greyElements(SIDE, SIDE, values, [
      [0x00080018, "UI", `1.2.3.${n}`],
      [0x00080060, "CS", "CT"],
      [0x00281052, "DS", "-1000"],
      [0x00281053, "DS", "1"],
      ...further,
    ]),
  );
}

test("slices at even distances, with their values and the windows that they offer; other files are passed over", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, n) => [
      `s${String(n).padStart(2, "0")}.dcm`,
      slice(n, [
        [0x00281050, "DS", "40\\-600"],
        [0x00281051, "DS", "400\\1500"],
        [0x00281055, "LO", "BODY\\LUNG"],
      ]),
    ]),
  );
  await writeFiles(join(root, "ct"), { ...files, "damaged.dcm": "no DICOM", "notes.txt": "x" });
  const views = new SliceViews();
  const found = await views.open(join(root, "ct"));
  expect(found).toMatchObject({ files: 31 });
  expect(found?.slices.length).toBe(6);
  expect(found?.slices[0]).toMatchObject({
    modality: "CT",
    windows: [
      { name: "BODY", center: 40, width: 400 },
      { name: "LUNG", center: -600, width: 1500 },
    ],
  });
  const [low, high] = found!.slices[0]!.range;
  expect([low >= -1000, high - low]).toEqual([true, 63 * 30]);
  expect(await views.open(root.concat("/ct/notes.txt"))).toBeNull();
});

test("a picture is that of an import with the same window", async () => {
  await writeFiles(join(root, "one"), { "a.dcm": slice(0) });
  const window = { center: 0, width: 500 };
  await importDicom(join(root, "one"), join(root, "out"), { window });
  const dataset = await readDataset(join(root, "out"));
  const views = new SliceViews();
  const { id } = (await views.open(join(root, "one")))!;
  const shown = await decodeImage((await views.picture(id, 0, window, 256))!, { name: "slice" });
  expect([...shown.data]).toEqual([...(await readImage(dataset, 0)).data]);
  expect(new Set(shown.data).size).toBeGreaterThan(5);
  const other = await decodeImage((await views.picture(id, 0, { center: 0, width: 50 }, 256))!, { name: "slice" });
  expect([...other.data]).not.toEqual([...shown.data]);
  expect(await views.picture(id, 1, window, 256)).toBeNull();
  expect(await views.picture("000000000000", 0, window, 256)).toBeNull();
});
