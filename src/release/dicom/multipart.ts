/** Head and tail of a part are text in UTF-8; the bytes of an object stand between. */
const encoder = new TextEncoder();

/** A part of a `multipart/related` body: where it lies in the body and what it holds. */
export interface Part {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/**
 * Body of a `multipart/related` message (RFC 2387; PS3.18 8.7.1.1). The boundary must stand in no part.
 */
export function multipartBody(parts: readonly Part[], boundary: string): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const { contentType, bytes } of parts) {
    pieces.push(encoder.encode(`--${boundary}\r\nContent-Type: ${contentType}\r\n\r\n`), bytes, encoder.encode("\r\n"));
  }
  pieces.push(encoder.encode(`--${boundary}--\r\n`));
  return Buffer.concat(pieces);
}
