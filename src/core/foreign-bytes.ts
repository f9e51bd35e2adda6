/** What a file turns out to be in place of what its name promises. */
export interface ForeignBytes {
  /** Kebab-case name of the kind, as in a `Problem`. */
  readonly code: string;
  /** What it is, as a sentence goes on after "this is". */
  readonly what: string;
  readonly remedy: string;
}

/** Bytes from the beginning of a file that tell what it is. */
const HEAD_BYTES = 4096;

const EMPTY: ForeignBytes = {
  code: "empty-file",
  what: "an empty file (0 bytes), as an interrupted download or copy leaves behind",
  remedy: "download or copy it again",
};
const ZEROS: ForeignBytes = {
  code: "zero-bytes",
  what: "a file of zeros, as an interrupted download or copy leaves behind",
  remedy: "download or copy it again",
};
const WEB_PAGE: ForeignBytes = {
  code: "web-page",
  what: "a web page (HTML), as a site sends in place of a file that needs a login or is not there",
  remedy: "open its address in a browser, log in if it asks, and download the file again",
};
const SERVER_MESSAGE: ForeignBytes = {
  code: "server-message",
  what: "a message of a server (text), not the file that was asked for",
  remedy: "read it, and download the file again",
};

/** Texts that stand in a file's place, by how they begin. */
const TEXTS: readonly (readonly [RegExp, ForeignBytes])[] = [
  [
    /^version https:\/\/git-lfs\.github\.com\/spec\//,
    {
      code: "lfs-pointer",
      what: "a pointer of Git LFS (a text of three lines) in place of the file, since the repository was cloned without LFS",
      remedy: "run git lfs pull in the repository",
    },
  ],
  [
    /^(\.git|\.\.)?[\w./-]*\/annex\/objects\//,
    {
      code: "annex-pointer",
      what: "a pointer of git-annex (as DataLad uses it) in place of the file",
      remedy: "run git annex get (or datalad get) in the repository",
    },
  ],
  [/^(<!--[\s\S]*?-->\s*)?<(!doctype html|html|head|body|script)\b/i, WEB_PAGE],
  [/^<\?xml[\s\S]*?<(Error|html)\b/i, SERVER_MESSAGE],
  [/^(HTTP\/\d|4\d\d[ :]|5\d\d[ :]|Not Found|Forbidden|Access Denied|Unauthorized|Error\b)/i, SERVER_MESSAGE],
  [/^\s*\{\s*"(error|message|detail|status|code)"/i, SERVER_MESSAGE],
];

/** Formats by the bytes at a place, with what to do about each. */
const FORMATS: readonly (readonly [name: string, at: number, magic: string, remedy: string])[] = [
  ["GIF", 0, "GIF8", "convert it to PNG"],
  ["PDF", 0, "%PDF", "save its pictures as PNG"],
  ["HDF5", 0, "\x89HDF", "save its images as PNG"],
  ["a NumPy array", 0, "\x93NUMPY", "save its images as PNG, or the arrays as .npz in the MedMNIST layout"],
  ["MATLAB", 0, "MATLAB 5.0", "save its images as PNG"],
  ["DICOM", 128, "DICM", "bring the folder of DICOM files over with ganglion import"],
  ["NIfTI", 344, "n+1\0", "bring the volumes over with ganglion import"],
  ["JPEG 2000", 4, "jP  ", "convert it to PNG"],
  ["JPEG 2000", 0, "\xff\x4f\xff\x51", "convert it to PNG"],
  ["HEIC or AVIF", 4, "ftyp", "convert it to JPEG or PNG"],
  ["a zip archive", 0, "PK\x03\x04", "unpack it"],
  ["gzip", 0, "\x1f\x8b", "unpack it (volumes that end in .nii.gz: ganglion import)"],
  ["RAR", 0, "Rar!", "unpack it"],
  ["7z", 0, "7z\xbc\xaf", "unpack it"],
  ["SVG", 0, "<svg", "draw it as PNG"],
];

/** Names the format of bytes that nothing here reads as such; null for one that is not known. */
function otherFormat(head: Buffer): ForeignBytes | null {
  for (const [name, at, magic, remedy] of FORMATS) {
    if (head.toString("latin1", at, at + magic.length) === magic)
      return { code: "other-format", what: `${name} by its first bytes`, remedy };
  }
  return null;
}

/**
 * Says what stands in the place of a file: nothing, zeros, a pointer of Git LFS or git-annex, a web page or a server's
 * message; null for anything else.
 * @param bytes The file, or its beginning.
 */
export function standIn(bytes: Uint8Array): ForeignBytes | null {
  if (bytes.length === 0) return EMPTY;
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES));
  if (head.every((byte) => byte === 0)) return ZEROS;
  const text = head
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trimStart();
  return TEXTS.find(([begins]) => begins.test(text))?.[1] ?? null;
}

/** As {@link standIn}, and also a format of another kind by its first bytes. */
export function foreignBytes(bytes: Uint8Array): ForeignBytes | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES));
  return standIn(bytes) ?? otherFormat(head);
}

/** The beginning of a message: `this is a web page ...; download ...`. */
export const foreignMessage = ({ what, remedy }: ForeignBytes): string => `this is ${what}; ${remedy}`;
