/**
 * RLE Lossless (PS3.5 annex G): one segment for each byte of a sample, most significant first, each packed as in
 * PackBits.
 * @param pixels Pixels of the frame: bytes that each segment unpacks to.
 * @returns Samples little endian, plane by plane: length `pixels * samples * bytesPerSample`.
 * @throws Error that says what is wrong.
 */
export function decodeRle(frame: Uint8Array, pixels: number, samples: number, bytesPerSample: number): Uint8Array {
  if (frame.length < 64) throw new Error("the RLE header is cut short");
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const segments = view.getUint32(0, true);
  const expected = samples * bytesPerSample;
  if (segments !== expected) throw new Error(`${segments} RLE segments were found, ${expected} expected`);
  // Two bytes unpack to 128 at most: a frame that could not fill its pixels is not given memory for them.
  if (frame.length * 64 < pixels * expected) throw new Error(`${frame.length} bytes cannot hold ${pixels} pixels`);
  const out = new Uint8Array(pixels * expected);
  for (let segment = 0; segment < segments; segment++) {
    const start = view.getUint32(4 + 4 * segment, true);
    const next = segment + 1 < segments ? view.getUint32(8 + 4 * segment, true) : frame.length;
    if (start < 64 || start > next || next > frame.length) throw new Error("an RLE segment lies outside the frame");
    const plane = Math.floor(segment / bytesPerSample);
    const byte = bytesPerSample - 1 - (segment % bytesPerSample);
    const base = plane * pixels * bytesPerSample + byte;
    const got = unpack(frame.subarray(start, next), out, base, bytesPerSample, pixels);
    if (got < pixels) throw new Error(`RLE segment ${segment + 1} holds ${got} of ${pixels} pixels`);
  }
  return out;
}

/** Unpacks one segment into every `stride`-th byte; returns how many bytes it held. */
function unpack(packed: Uint8Array, out: Uint8Array, base: number, stride: number, count: number): number {
  let done = 0;
  let at = 0;
  while (done < count && at < packed.length) {
    const code = packed[at++]!;
    if (code === 128) continue;
    if (code < 128) {
      const run = Math.min(code + 1, count - done, packed.length - at);
      for (let i = 0; i < run; i++) out[base + (done + i) * stride] = packed[at + i]!;
      done += run;
      at += code + 1;
    } else {
      if (at >= packed.length) break;
      const run = Math.min(257 - code, count - done);
      const value = packed[at++]!;
      for (let i = 0; i < run; i++) out[base + (done + i) * stride] = value;
      done += run;
    }
  }
  return done;
}
