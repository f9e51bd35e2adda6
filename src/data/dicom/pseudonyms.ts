import { createHmac, randomBytes } from "node:crypto";
import { chmod, readFile } from "node:fs/promises";
import { GanglionError } from "../../core/errors.ts";
import { fileError, writeFileAtomic } from "../../core/files.ts";

/** Bytes of a salt that is made here. */
const SALT_BYTES = 32;

/** What a pseudonym stands for; equal identifiers of different kinds have different pseudonyms. */
export type IdentityKind = "patient" | "study" | "series";

const PREFIX: Readonly<Record<IdentityKind, string>> = { patient: "p", study: "st", series: "se" };

/**
 * Pseudonym of an identifier: the first 64 bits of HMAC-SHA-256 (RFC 2104) with the salt as key. The same salt and
 * identifier give the same pseudonym; without the salt it cannot be computed from a guessed identifier.
 */
export function pseudonym(salt: Uint8Array, kind: IdentityKind, identifier: string): string {
  const mac = createHmac("sha256", salt).update(`${kind}\0${identifier}`).digest("hex");
  return PREFIX[kind] + mac.slice(0, 16);
}

/** Reads a salt: 32 hexadecimal digits at least. null where there is no such file. @throws GanglionError `files` */
export async function readSalt(path: string): Promise<Uint8Array | null> {
  let text: string;
  try {
    text = (await readFile(path, "utf8")).trim();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw fileError("read", path, cause);
  }
  if (/^([0-9a-f]{2}){16,1024}$/i.test(text)) return Buffer.from(text, "hex");
  const message = `${path}: a salt is one line of 32 hexadecimal digits or more; name a file that holds one, or one that does not exist yet`;
  throw new GanglionError("files", message);
}

/** A new random salt. */
export function newSalt(): Uint8Array {
  return randomBytes(SALT_BYTES);
}

/** Writes a salt so that only its owner reads it. @throws GanglionError `files` */
export async function writeSalt(path: string, salt: Uint8Array): Promise<void> {
  await writeFileAtomic(path, `${Buffer.from(salt).toString("hex")}\n`);
  await chmod(path, 0o600).catch((cause) => {
    throw fileError("protect", path, cause);
  });
}
