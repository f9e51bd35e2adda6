/** How the elements of a dataset are written (PS3.5 section 7.1). */
export interface Encoding {
  readonly littleEndian: boolean;
  /** True where each element states its value representation. */
  readonly explicit: boolean;
}

/** How pixels are compressed; `native` is not at all. */
export type Compression = "native" | "rle" | "jpeg" | "jpeg-ls" | "jpeg-2000" | "htj2k";

/** What is known of a transfer syntax. */
export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly encoding: Encoding;
  readonly deflated: boolean;
  readonly compression: Compression;
  /** True where decoded pixels may differ from those that were stored. */
  readonly lossy: boolean;
}

const EXPLICIT_LITTLE: Encoding = { littleEndian: true, explicit: true };

function compressed(uid: string, name: string, compression: Compression, lossy: boolean): TransferSyntax {
  return { uid, name, encoding: EXPLICIT_LITTLE, deflated: false, compression, lossy };
}

export const IMPLICIT_LITTLE_ENDIAN: TransferSyntax = {
  uid: "1.2.840.10008.1.2",
  name: "Implicit VR Little Endian",
  encoding: { littleEndian: true, explicit: false },
  deflated: false,
  compression: "native",
  lossy: false,
};

export const EXPLICIT_LITTLE_ENDIAN: TransferSyntax = {
  ...IMPLICIT_LITTLE_ENDIAN,
  uid: "1.2.840.10008.1.2.1",
  name: "Explicit VR Little Endian",
  encoding: EXPLICIT_LITTLE,
};

export const EXPLICIT_BIG_ENDIAN: TransferSyntax = {
  ...IMPLICIT_LITTLE_ENDIAN,
  uid: "1.2.840.10008.1.2.2",
  name: "Explicit VR Big Endian",
  encoding: { littleEndian: false, explicit: true },
};

/** Transfer syntaxes that are read, by their UIDs (PS3.6 annex A). */
export const TRANSFER_SYNTAXES: readonly TransferSyntax[] = [
  IMPLICIT_LITTLE_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  EXPLICIT_BIG_ENDIAN,
  {
    ...EXPLICIT_LITTLE_ENDIAN,
    uid: "1.2.840.10008.1.2.1.99",
    name: "Deflated Explicit VR Little Endian",
    deflated: true,
  },
  compressed("1.2.840.10008.1.2.5", "RLE Lossless", "rle", false),
  compressed("1.2.840.10008.1.2.4.50", "JPEG Baseline (process 1)", "jpeg", true),
  compressed("1.2.840.10008.1.2.4.51", "JPEG Extended (processes 2 and 4)", "jpeg", true),
  compressed("1.2.840.10008.1.2.4.53", "JPEG Spectral Selection (processes 6 and 8)", "jpeg", true),
  compressed("1.2.840.10008.1.2.4.55", "JPEG Full Progression (processes 10 and 12)", "jpeg", true),
  compressed("1.2.840.10008.1.2.4.57", "JPEG Lossless (process 14)", "jpeg", false),
  compressed("1.2.840.10008.1.2.4.70", "JPEG Lossless (process 14, selection value 1)", "jpeg", false),
  compressed("1.2.840.10008.1.2.4.80", "JPEG-LS Lossless", "jpeg-ls", false),
  compressed("1.2.840.10008.1.2.4.81", "JPEG-LS Near-Lossless", "jpeg-ls", true),
  compressed("1.2.840.10008.1.2.4.90", "JPEG 2000 Lossless", "jpeg-2000", false),
  compressed("1.2.840.10008.1.2.4.91", "JPEG 2000", "jpeg-2000", true),
  compressed("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless", "htj2k", false),
  compressed("1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 RPCL Lossless", "htj2k", false),
  compressed("1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000", "htj2k", true),
];

const BY_UID = new Map(TRANSFER_SYNTAXES.map((syntax) => [syntax.uid, syntax]));

/** The transfer syntax of a UID, undefined for one that is not read. */
export function transferSyntax(uid: string): TransferSyntax | undefined {
  return BY_UID.get(uid);
}
