/** Folder of a project that holds what was uploaded in the page. */
export const UPLOADS_FOLDER = "uploads";

/** Bounds of what the page may send. */
export interface UploadLimits {
  /** Bytes of one upload as they are sent. */
  readonly bytes: number;
  /** Files of one upload, sent or unpacked. */
  readonly files: number;
  /** Bytes that a zip archive may unpack to. */
  readonly unpackedBytes: number;
  /** Unpacked over packed bytes of a whole archive that unpacks to more than 64 MiB. */
  readonly ratio: number;
  /** Uploads at once. */
  readonly atOnce: number;
  /** Milliseconds without a byte after which an upload is given up. */
  readonly silence: number;
}

export const UPLOAD_LIMITS: UploadLimits = {
  bytes: 8 * 2 ** 30,
  files: 100_000,
  unpackedBytes: 16 * 2 ** 30,
  ratio: 100,
  atOnce: 4,
  silence: 60_000,
};
