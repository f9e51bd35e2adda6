import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import codecs from "dcmjs-codecs";
import { type BuiltElement, buildDicom, greyElements } from "../../src/dicom/read/testing/build-dicom.ts";
import { TRANSFER_SYNTAXES } from "../../src/dicom/read/transfer-syntax.ts";

const SIDE = 16;
/** One transfer syntax of each compression that is read. */
const SYNTAXES: Readonly<Record<string, string>> = {
  native: "1.2.840.10008.1.2.1",
  rle: "1.2.840.10008.1.2.5",
  jpeg: "1.2.840.10008.1.2.4.70",
  "jpeg-ls": "1.2.840.10008.1.2.4.80",
  "jpeg-2000": "1.2.840.10008.1.2.4.90",
  htj2k: "1.2.840.10008.1.2.4.201",
};

/** A small slice; each has another patient and other pixels. */
export function dicomSlice(index: number): Uint8Array {
  const further: BuiltElement[] = [
    [0x00080018, "UI", `1.2.3.${index}`],
    [0x00100020, "LO", `P${index}`],
    [0x0020000d, "UI", `1.2.4.${index}`],
    [0x0020000e, "UI", `1.2.5.${index}`],
  ];
  const elements = greyElements(
    SIDE,
    SIDE,
    Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (i * (index + 1)) % 256),
  );
  const replaced = new Set(further.map(([tag]) => tag));
  return buildDicom([...elements.filter(([tag]) => !replaced.has(tag)), ...further].sort(([a], [b]) => a - b));
}

/** Writes one DICOM file of each compression that `import` reads. @returns the compressions */
export async function writeDicomFolder(folder: string): Promise<string[]> {
  const compressions = [...new Set(TRANSFER_SYNTAXES.map(({ compression }) => compression))];
  await codecs.NativeCodecs.initializeAsync();
  await mkdir(folder, { recursive: true });
  for (const [index, compression] of compressions.entries()) {
    const plain = dicomSlice(index);
    const transcoder = new codecs.Transcoder(plain.buffer as ArrayBuffer);
    if (compression !== "native") transcoder.transcode(SYNTAXES[compression]);
    await writeFile(join(folder, `${compression}.dcm`), Buffer.from(transcoder.getDicomPart10()));
  }
  return compressions;
}
