import { sha256 } from "../../core/hash.ts";

/** Metadata key of the seal; its value is the SHA-256 of every byte before it. */
const KEY = "sha256_of_all_before";
const FIELD = { metadataProps: 14, key: 1, value: 2 } as const;
/** Protobuf wire type of strings and messages. */
const DELIMITED = 2;

/** A protobuf field: tag, length (below 128) and content. */
const field = (number: number, content: Uint8Array): Buffer =>
  Buffer.concat([Uint8Array.of((number << 3) | DELIMITED, content.length), content]);

function sealOf(bytes: Uint8Array): Buffer {
  const entry = [field(FIELD.key, Buffer.from(KEY)), field(FIELD.value, Buffer.from(sha256(bytes)))];
  return field(FIELD.metadataProps, Buffer.concat(entry));
}

const SEAL_LENGTH = sealOf(new Uint8Array()).length;

/**
 * The model with one more entry in its `metadata_props`: a hash of all bytes before, so that damage anywhere shows. A
 * protobuf message may be continued behind its end, so other readers see a usual entry.
 */
export const sealOnnx = (bytes: Uint8Array): Uint8Array => Buffer.concat([bytes, sealOf(bytes)]);

/** Whether a sealed model is as it was written; false also for one that was never sealed. */
export function isIntact(bytes: Uint8Array): boolean {
  if (bytes.length < SEAL_LENGTH) return false;
  const content = bytes.subarray(0, bytes.length - SEAL_LENGTH);
  return sealOf(content).equals(bytes.subarray(bytes.length - SEAL_LENGTH));
}
