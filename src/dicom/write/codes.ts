import type { DicomDataset } from "./dataset.ts";

/** A concept of a coding scheme (PS3.3 8.8), e.g. SCT 39937001 "Skin". */
export interface Code {
  /** At most 16 characters. */
  readonly value: string;
  /** `SCT` for SNOMED CT, `DCM` for PS3.16 Annex D. */
  readonly scheme: string;
  /** For people, at most 64 characters. */
  readonly meaning: string;
}

/** "Finding", the concept under which a class is stated (PS3.16 Annex D). */
export const FINDING: Code = { value: "121071", scheme: "DCM", meaning: "Finding" };

/** "Processing Equipment", the part that a generator has in an image (PS3.16 CID 7005). */
export const PROCESSING_EQUIPMENT: Code = { value: "109102", scheme: "DCM", meaning: "Processing Equipment" };

/** The item of a code sequence. */
export function codeItem({ value, scheme, meaning }: Code): DicomDataset {
  return { CodeValue: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning };
}
