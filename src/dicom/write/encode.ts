import dcmjs, { type DcmjsDict } from "dcmjs";
import { attributeOf, type DicomDataset, type DicomValue, refuseBadValues } from "./dataset.ts";
import { uidOf } from "./uid.ts";

/** Explicit VR Little Endian (PS3.5 A.2). */
const EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";
/** Names this writer in the head of a file (PS3.10 7.1). */
const IMPLEMENTATION_CLASS = uidOf("ganglion", "implementation");

function elementsOf(dataset: DicomDataset): DcmjsDict {
  const elements: DcmjsDict = {};
  for (const [keyword, value] of Object.entries(dataset)) {
    const attribute = attributeOf(keyword);
    if (attribute !== null) elements[attribute.tag] = { vr: attribute.vr, Value: valuesOf(value) };
  }
  return elements;
}

function valuesOf(value: DicomValue): readonly unknown[] {
  // A buffer of its own, since dcmjs writes all of it; it adds the byte that makes the length even (PS3.5 7.1.1).
  if (value instanceof Uint8Array) return [new Uint8Array(value).buffer];
  if (Array.isArray(value)) return value.map((part) => (typeof part === "string" ? part : elementsOf(part)));
  return value === "" ? [] : [value];
}

/**
 * Bytes of a DICOM file (PS3.10) in Explicit VR Little Endian: preamble, head, dataset with its attributes in order of
 * their tags. The same dataset gives the same bytes.
 * @param version Version of Ganglion, for the head.
 * @throws GanglionError `internal` that lists every value that cannot be written.
 */
export function encodeDicom(dataset: DicomDataset, version: string): Uint8Array {
  refuseBadValues(dataset, String(dataset.SOPInstanceUID));
  const file = new dcmjs.data.DicomDict({
    "00020001": { vr: "OB", Value: [Uint8Array.of(0, 1).buffer] },
    "00020002": { vr: "UI", Value: [dataset.SOPClassUID] },
    "00020003": { vr: "UI", Value: [dataset.SOPInstanceUID] },
    "00020010": { vr: "UI", Value: [EXPLICIT_LITTLE_ENDIAN] },
    "00020012": { vr: "UI", Value: [IMPLEMENTATION_CLASS] },
    "00020013": { vr: "SH", Value: [`GANGLION ${version}`.slice(0, 16)] },
  });
  file.dict = elementsOf(dataset);
  return new Uint8Array(file.write());
}
