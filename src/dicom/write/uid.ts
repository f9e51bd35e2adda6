import { sha256 } from "../../core/hash.ts";

/**
 * A UID made from names alone: equal names give equal UIDs, others give others. It is `2.25.` and a UUID as a decimal
 * number (PS3.5 B.2), here of version 8 (RFC 9562, 5.8) with 122 bits of the names' SHA-256. At most 44 characters.
 */
export function uidOf(...names: readonly string[]): string {
  const bytes = Buffer.from(sha256(JSON.stringify(names)).slice(0, 32), "hex");
  bytes[6] = 0x80 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return `2.25.${BigInt(`0x${bytes.toString("hex")}`)}`;
}
