import type * as Library from "dcmjs-codecs";
import { type CodestreamHeader, jpeg2000Header, jpegHeader } from "./codestream.ts";
import type { ImageLayout } from "./image-layout.ts";

/** The WebAssembly decoders, once loaded; loaded again after a failure, which may have left them in disorder. */
let loaded: Promise<typeof Library> | null = null;

async function load(): Promise<typeof Library> {
  const module = await import("dcmjs-codecs");
  const library = (module as unknown as { default?: typeof Library }).default ?? module;
  // What a decoder has to say reaches the caller as an error; it prints nothing itself.
  library.log.setLevel("silent", false);
  await library.NativeCodecs.initializeAsync();
  return library;
}

/**
 * Loads the decoders for compressed frames; {@link decompress} can be called afterwards. Loading takes a tenth of a second.
 * @throws Error where the package is damaged
 */
export async function loadDecoders(): Promise<Decoder> {
  loaded ??= load().catch((cause) => {
    loaded = null;
    throw cause;
  });
  return new Decoder(await loaded);
}

const METHOD = {
  jpeg: "decodeJpeg",
  "jpeg-ls": "decodeJpegLs",
  "jpeg-2000": "decodeJpeg2000",
  htj2k: "decodeHtJpeg2000",
} as const;

/** Compressions that the WebAssembly decoders undo. */
export type Coded = keyof typeof METHOD;

/** Decodes compressed frames with the WebAssembly decoders of `dcmjs-codecs`. */
export class Decoder {
  readonly #library: typeof Library;

  constructor(library: typeof Library) {
    this.#library = library;
  }

  /**
   * Decodes one frame, after its own header was found to agree with the layout.
   * @returns Samples little endian, `HWC`: length rows * columns * samples * bitsAllocated / 8.
   * @throws Error with one line that says what is wrong
   */
  decompress(frame: Uint8Array, compression: Coded, layout: ImageLayout): Uint8Array {
    checkHeader(frame, compression, layout);
    const { Context, NativeCodecs } = this.#library;
    const context = new Context({
      width: layout.columns,
      height: layout.rows,
      bitsAllocated: layout.bitsAllocated,
      bitsStored: layout.bitsStored,
      samplesPerPixel: layout.samples,
      pixelRepresentation: layout.signed ? 1 : 0,
      planarConfiguration: 0,
      photometricInterpretation: layout.photometric,
      encodedBuffer: frame,
    });
    let decoded: Library.Context;
    try {
      decoded = NativeCodecs[METHOD[compression]](context, {});
    } catch (cause) {
      // The library throws through its own stack and leaves its memory behind.
      loaded = null;
      throw cause;
    }
    const bytes = decoded.getDecodedBuffer() ?? new Uint8Array(0);
    const expected = layout.rows * layout.columns * layout.samples * (layout.bitsAllocated >> 3);
    if (bytes.length !== expected) throw new Error(`${bytes.length} bytes were decoded, ${expected} expected`);
    if (decoded.getPlanarConfiguration() !== 1 || layout.samples === 1) return bytes;
    return interleave(bytes, layout);
  }
}

/** Planes one behind the other as pixels one behind the other, `CHW => HWC`. */
export function interleave(bytes: Uint8Array, { rows, columns, samples, bitsAllocated }: ImageLayout): Uint8Array {
  const width = bitsAllocated >> 3;
  const pixels = rows * columns;
  const out = new Uint8Array(pixels * samples * width);
  for (let s = 0; s < samples; s++) {
    for (let i = 0; i < pixels; i++) {
      for (let b = 0; b < width; b++) out[(i * samples + s) * width + b] = bytes[(s * pixels + i) * width + b]!;
    }
  }
  return out;
}

/** Nothing is decoded whose own header disagrees with the file's: decoders allocate by the former. */
function checkHeader(frame: Uint8Array, compression: Coded, layout: ImageLayout): void {
  const wavelet = compression === "jpeg-2000" || compression === "htj2k";
  const header: CodestreamHeader | null = wavelet ? jpeg2000Header(frame) : jpegHeader(frame);
  if (header === null) throw new Error("the compressed frame has no valid header");
  const { width, height, components, precision } = header;
  if (width !== layout.columns || height !== layout.rows || components !== layout.samples) {
    const inside = `${width} x ${height} with ${components} components`;
    throw new Error(
      `the compressed frame is ${inside}, the file says ${layout.columns} x ${layout.rows} with ${layout.samples}`,
    );
  }
  // Decoders fill up a JPEG that is cut short with grey and say nothing; its end cannot occur within coded data.
  if (!wavelet && Buffer.from(frame.buffer, frame.byteOffset, frame.length).lastIndexOf("ffd9", undefined, "hex") < 0) {
    throw new Error("the compressed frame is cut short");
  }
  if (precision > layout.bitsAllocated || layout.bitsAllocated > 16 || precision > 8 !== layout.bitsAllocated > 8) {
    if (!(wavelet && precision <= 8 && layout.bitsAllocated === 16)) {
      throw new Error(`the compressed frame has ${precision} bits a sample, the file says ${layout.bitsAllocated}`);
    }
  }
}
