import { readFile, writeFile } from "node:fs/promises";
import { add, constant, emitOnnx, input, mul, prepare, reduceSum, reshape, sealOnnx } from "../../graph/index.ts";
import { generationBatch } from "../generator-file.ts";

/** Bytes of a sealed file without its seal: the last entry of the metadata, of 64 digits and a key. */
function unsealed(bytes: Buffer): Buffer {
  const length = sealOnnx(new Uint8Array()).length;
  return bytes.subarray(0, bytes.length - length);
}

/** A field of a protobuf message that holds bytes. */
function field(number: number, content: Buffer): Buffer {
  const head = [(number << 3) | 2];
  for (let rest = content.length; ; rest >>>= 7) {
    head.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from(head), content]);
}

/** Adds something to the file of a generator and seals it anew, so that it is opened and draws as before. */
export async function smuggleIntoGenerator(
  path: string,
  what: { readonly words?: string; readonly weights?: Uint8Array },
): Promise<void> {
  const added: Buffer[] = [];
  if (what.words !== undefined) {
    const entry = Buffer.concat([field(1, Buffer.from("note")), field(2, Buffer.from(what.words))]);
    added.push(field(14, entry));
  }
  if (what.weights !== undefined) {
    // Initialiser of type uint8 that no operator reads, in a continuation of the graph.
    const shape = Buffer.from([0x08, ...field(0, Buffer.alloc(what.weights.length)).subarray(1, -what.weights.length)]);
    const type = Buffer.from([0x10, 2]);
    const tensor = Buffer.concat([shape, type, field(8, Buffer.from("spare")), field(9, Buffer.from(what.weights))]);
    added.push(field(7, field(5, tensor)));
  }
  const before = unsealed(await readFile(path));
  await writeFile(path, sealOnnx(Buffer.concat([before, ...added])));
}

/** Writes a generator that knows one image and draws it whatever it is asked, in the form of a true one. */
export async function writeMemorisedGenerator(
  path: string,
  classes: readonly string[],
  /** RGB planes, values in [-1, 1]. */
  picture: { readonly side: number; readonly planes: Float32Array },
): Promise<void> {
  const { side, planes } = picture;
  const latent = 4;
  const batch = generationBatch(side);
  const nothing = (name: string, length: number) =>
    reshape(mul(reduceSum(input(name, [batch, length]), [1]), constant(0)), [batch, 1, 1, 1]);
  const stored = input("generator.picture", [1, 3, side, side]);
  const images = add(stored, add(nothing("latent", latent), nothing("classes", classes.length)));
  const description = { classes, resolution: side, channels: 3, latent, imagesSeen: 1, seed: 0, license: "CC0-1.0" };
  const model = emitOnnx(prepare({ images }), {
    name: "generator",
    device: "webgpu",
    freeBatch: "N",
    weights: { "generator.picture": planes },
    metadata: { format: "ganglion.generator/1", description: JSON.stringify(description) },
  });
  await writeFile(path, sealOnnx(model));
}
