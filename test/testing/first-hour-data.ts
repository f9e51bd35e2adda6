import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { withChannels } from "../../src/data/index.ts";
import { npyBytes, npzBytes } from "../../src/data/testing/fixtures.ts";
import type { RawImage } from "../../src/data/types.ts";
import { type BuiltElement, buildDicom, greyElements } from "../../src/dicom/read/testing/build-dicom.ts";
import { type PhantomClass, phantomPlan, renderPhantom } from "../../src/phantom/index.ts";

/** The two conditions of the walk-through; the phantom has four nevi to a melanoma. */
const CLASSES: readonly PhantomClass[] = ["nevus", "melanoma"];

/** Images of the phantom of {@link CLASSES}, `count` at most. */
function* drawn(
  count: number,
  size: number,
  seed: number,
): Generator<{ label: string; patient: string; image: RawImage }> {
  const plan = phantomPlan(2 * count, seed).filter(({ label }) => CLASSES.includes(label));
  for (const spec of plan.slice(0, count))
    yield { label: spec.label, patient: spec.patient, image: renderPhantom(spec, size).image };
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

/** `photos`: JPEG files in a folder for each class, two of them of one lesion. */
async function writePhotos(folder: string, count: number): Promise<void> {
  let number = 1000;
  for (const { label, image } of drawn(count, 128, 11)) {
    const { width, height, channels, data } = image;
    const jpeg = (quality: number) => sharp(data, { raw: { width, height, channels } }).jpeg({ quality }).toBuffer();
    await write(join(folder, label, `IMG_${number++}.JPG`), await jpeg(90));
    if (number === 1003) await write(join(folder, label, `IMG_${number++}.JPG`), await jpeg(60));
  }
}

/** `export`: DICOM files of 12 bits, in folders of diagnosis and patient, as a PACS and a person sort them. */
async function writeExport(folder: string, count: number): Promise<void> {
  let i = 0;
  for (const { label, patient, image } of drawn(count, 96, 12)) {
    const { width, height, data } = withChannels(image, 1);
    const values = Array.from(data, (value) => value * 16);
    const further: BuiltElement[] = [
      [0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4"],
      [0x00080018, "UI", `2.25.1${i}`],
      [0x00080060, "CS", "MR"],
      [0x00100010, "PN", `Invented^${patient}`],
      [0x00100020, "LO", patient],
      [0x00100040, "CS", i % 2 === 0 ? "F" : "M"],
      [0x0020000d, "UI", `2.25.2${i}`],
      [0x0020000e, "UI", `2.25.3${i}`],
      [0x00280101, "US", [12]],
      [0x00280102, "US", [11]],
    ];
    await write(
      join(folder, label, patient, `IM${String(i++).padStart(4, "0")}`),
      buildDicom(greyElements(height, width, values, further)),
    );
  }
}

/** `lesionmnist.npz`: 28 pixels, three splits, classes as numbers. */
async function writeArchive(path: string, count: number): Promise<void> {
  const side = 28;
  const files: Record<string, Uint8Array> = {};
  for (const [name, share, seed] of [
    ["train", 0.7, 13],
    ["val", 0.1, 14],
    ["test", 0.2, 15],
  ] as const) {
    const images = [...drawn(Math.round(share * count), side, seed)];
    const pixels = Buffer.concat(images.map(({ image }) => image.data));
    const labels = Uint8Array.from(images, ({ label }) => CLASSES.indexOf(label as PhantomClass));
    files[`${name}_images.npy`] = npyBytes("|u1", [images.length, side, side, 3], pixels);
    files[`${name}_labels.npy`] = npyBytes("|u1", [images.length, 1], labels);
  }
  await write(path, npzBytes(files));
}

/** Writes what the three people of docs/first-hour.md begin with. @param count Photographs; half as many of the others. */
export async function writeFirstHourData(folder: string, count: number): Promise<void> {
  await writePhotos(join(folder, "photos"), count);
  await writeExport(join(folder, "export"), Math.round(count / 2));
  await writeArchive(join(folder, "lesionmnist.npz"), Math.round(count / 2));
}
