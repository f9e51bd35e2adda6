import type { Command } from "commander";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { readBytes } from "../core/files.ts";

/** Declares what a queue needs besides its address. */
export function addQueueOptions(command: Command): Command {
  return command
    .option(
      "--queue-password-file <FILE>",
      "file with the password of Redis (default: GANGLION_QUEUE_PASSWORD, else none)",
    )
    .option(
      "--queue-key-file <FILE>",
      "file of the key that study and workers share (default: GANGLION_QUEUE_KEY, else queue.key in a store that is a folder)",
    );
}

/** What {@link addQueueOptions} declares. */
export const queueShape = { queuePasswordFile: z.string().optional(), queueKeyFile: z.string().optional() };

/**
 * Address of the queue, with the password that a file holds. It is for a connection alone: whoever shows it redacts it.
 * @param onNote Told that a password in the address is seen by others.
 * @throws GanglionError `usage` for an address that is none or an empty file, `files`
 */
export async function queueAddress(
  options: { readonly queue: string; readonly queuePasswordFile?: string | undefined },
  onNote: (line: string) => void,
): Promise<string> {
  const { redisOptions } = await import("../study/queue/connection.ts");
  const { queue: address, queuePasswordFile: file } = options;
  const { password } = redisOptions(address, {});
  if (password !== undefined) {
    onNote(
      "the password in --queue is visible to everyone who lists processes (`ps`); use --queue-password-file instead",
    );
  }
  if (file === undefined) return address;
  const word = (await readBytes(file)).toString("utf8").trim();
  if (word === "") throw new GanglionError("usage", `--queue-password-file ${file}: the file is empty`);
  if (password !== undefined) {
    throw new GanglionError("usage", "--queue has a password and --queue-password-file is given: remove one of them");
  }
  const url = new URL(address);
  url.password = encodeURIComponent(word);
  return url.href;
}
