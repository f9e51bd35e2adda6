/** The level 0..255 of a pixel in the range [-1, 1] that networks see; `toBytes` is the way back. */
export const signedLevel = (level: number): number => level / 127.5 - 1;

/** Writes uint8 values into the beginning of `into`, mapped to [-1, 1]. */
export function toSignedRange(bytes: Uint8Array, into: Float32Array): void {
  for (let i = 0; i < bytes.length; i++) into[i] = signedLevel(bytes[i]!);
}
