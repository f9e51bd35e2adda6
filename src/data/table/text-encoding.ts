import { GanglionError } from "../../core/errors.ts";

/** Text of a table and how its bytes were read. */
export interface DecodedText {
  readonly text: string;
  /** Encoding where it had to be detected, to be said; null for UTF-8 with or without a mark. */
  readonly detected: string | null;
}

/** Bytes that are looked at to tell UTF-16 without a mark. */
const LOOK = 4096;

/** UTF-16 without a mark: in text of mostly Latin letters every second byte is zero. */
function unmarked16(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  const length = Math.min(bytes.length, LOOK) & ~1;
  if (length < 4) return null;
  const zeros = [0, 0];
  for (let i = 0; i < length; i++) if (bytes[i] === 0) zeros[i % 2]!++;
  const pairs = length / 2;
  if (zeros[1]! > 0.4 * pairs && zeros[0]! < 0.1 * pairs) return "utf-16le";
  if (zeros[0]! > 0.4 * pairs && zeros[1]! < 0.1 * pairs) return "utf-16be";
  return null;
}

/**
 * Decodes the text of a table: by its byte order mark; without one as UTF-16 where every second byte is zero, as UTF-8 where
 * that is valid, else as windows-1252, which holds Latin-1.
 * @param path Name used in the error.
 * @throws GanglionError `dataset` for bytes that are no text
 */
export function decodeText(bytes: Uint8Array, path: string): DecodedText {
  const marked =
    bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : null;
  if (marked !== null)
    return { text: new TextDecoder(marked).decode(bytes), detected: `${marked.toUpperCase()} by its mark` };
  const wide = unmarked16(bytes);
  if (wide !== null) {
    return {
      text: new TextDecoder(wide).decode(bytes),
      detected: `${wide.toUpperCase()}, every second byte being zero`,
    };
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), detected: null };
  } catch {
    const control = bytes.subarray(0, LOOK).filter((b) => b < 9 || (b > 13 && b < 32)).length;
    if (control > 0) {
      const message = `this is not text (it holds ${control} control characters at its beginning); give a csv saved as UTF-8`;
      throw new GanglionError("dataset", `${path}: ${message}`, { problems: [{ code: "not-text", path, message }] });
    }
    const text = new TextDecoder("windows-1252").decode(bytes);
    return { text, detected: "windows-1252 (Latin-1), because it is not valid UTF-8" };
  }
}
