import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { constants } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { GanglionError } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import type { ArtefactStore } from "../jobs/artefact-store.ts";

/** Name in a store of the key with which those who work on it sign what they send through Redis. */
const KEY_FILE = "queue.key";
/** Environment variable with the key itself. */
const KEY_VARIABLE = "GANGLION_QUEUE_KEY";
const MIN_CHARACTERS = 32;
const MAX_BYTES = 4096;
const READS = 20;
const PAUSE_MILLISECONDS = 50;

/** What is signed: each has texts of its own, so that none can be passed off as another. */
export type SignedKind = "job" | "news" | "failure";

/** Signs and checks what goes through Redis, for one store. The key is never sent. */
export interface QueueKey {
  /** HMAC-SHA256, 64 hexadecimal digits. @param about Id of the job that the text is about. */
  sign(kind: SignedKind, about: string, text: string): string;
  verify(kind: SignedKind, about: string, text: string, signature: string): boolean;
}

/** @param secret Text that only those who work on the store know. @param storeId A job of one store is none of another. */
export function queueKey(secret: string, storeId: string): QueueKey {
  const sign: QueueKey["sign"] = (kind, about, text) =>
    createHmac("sha256", secret)
      .update(JSON.stringify(["ganglion.queue/1", storeId, kind, about, text]))
      .digest("hex");
  return {
    sign,
    verify(kind, about, text, signature) {
      if (!/^[0-9a-f]{64}$/.test(signature)) return false;
      return timingSafeEqual(Buffer.from(sign(kind, about, text)), Buffer.from(signature));
    },
  };
}

const HOW_TO_MAKE = `e.g. \`(umask 077; openssl rand -hex 32 > ${KEY_FILE})\``;

/** Text of a key, without the space around it. @throws GanglionError `usage` for one that can be guessed */
function checkedKey(text: string, where: string): string {
  const key = text.trim();
  if (key.length >= MIN_CHARACTERS) return key;
  const message = `${where} has ${key.length} characters; a key has at least ${MIN_CHARACTERS}, drawn at random: ${HOW_TO_MAKE}`;
  throw new GanglionError("usage", message);
}

interface KeyText {
  readonly text: string;
  /** Whether others than its owner may read the file. */
  readonly open: boolean;
}

async function readKeyFile(path: string, flags: number): Promise<KeyText> {
  const file = await open(path, constants.O_RDONLY | flags).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ELOOP") throw new GanglionError("files", `${path} is a link, which a key of a store never is`);
    throw fileError("read", path, cause);
  });
  try {
    const about = await file.stat();
    if (!about.isFile() || about.size > MAX_BYTES) {
      throw new GanglionError(
        "files",
        `${path} is no file of a key: one line of at least ${MIN_CHARACTERS} characters`,
      );
    }
    return { text: await file.readFile("utf8"), open: (about.mode & 0o077) !== 0 };
  } finally {
    await file.close();
  }
}

/** The key in the folder of a store; made, for its owner alone, where there is none. */
async function storeKey(root: string): Promise<KeyText> {
  const path = join(root, KEY_FILE);
  // Of several processes that find none one writes, the others read.
  await writeFile(path, `${randomBytes(32).toString("hex")}\n`, { flag: "wx", mode: 0o600 }).catch(
    (cause: NodeJS.ErrnoException) => {
      if (cause.code !== "EEXIST") throw fileError("write", path, cause);
    },
  );
  for (let left = READS; ; left--) {
    const key = await readKeyFile(path, constants.O_NOFOLLOW);
    if (key.text.endsWith("\n") || left === 0) return key;
    await pause(PAUSE_MILLISECONDS);
  }
}

/** Where a key comes from, the first that is given: a file, a text, the folder of the store. */
export interface KeySources {
  /** Path of `--queue-key-file`. */
  readonly file?: string | undefined;
  /** Defaults to the environment variable `GANGLION_QUEUE_KEY`. */
  readonly text?: string;
}

/**
 * The key with which those who work on a store sign jobs and what becomes of them. All must have the same: a common folder holds
 * it as `queue.key` (mode 0600), for a bucket it is given.
 * @param onNote Told when others may read the file.
 * @throws GanglionError `files`, `usage` for a key that is missing or too short
 */
export async function openQueueKey(
  store: Pick<ArtefactStore, "id" | "address">,
  { file, text = process.env[KEY_VARIABLE] }: KeySources = {},
  onNote: (line: string) => void = () => undefined,
): Promise<QueueKey> {
  if (file === undefined && text) return queueKey(checkedKey(text, KEY_VARIABLE), store.id);
  if (file === undefined && store.address.startsWith("s3://")) {
    const message = `a queue with a store on S3 needs a key that all machines have and Redis does not: make one, ${HOW_TO_MAKE}, and give it with --queue-key-file or in ${KEY_VARIABLE}`;
    throw new GanglionError("usage", message);
  }
  const path = file ?? join(store.address, KEY_FILE);
  const key = file === undefined ? await storeKey(store.address) : await readKeyFile(file, 0);
  if (key.open) onNote(`${path} can be read by others; chmod 600 ${path}`);
  return queueKey(checkedKey(key.text, path), store.id);
}
