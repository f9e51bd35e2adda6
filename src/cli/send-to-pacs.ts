import type { Command } from "commander";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { readBytes } from "../core/files.ts";
import type { StowOptions } from "../release/dicom/stow.ts";
import type { CommandContext } from "./command.ts";
import { parsePositive } from "./options.ts";

/** Environment variable with the value of the Authorization header. */
const AUTHORIZATION = "GANGLION_STOW_AUTHORIZATION";

/** Declares how to reach a PACS, besides its address. */
export function addStowOptions(command: Command): Command {
  return command
    .option(
      "--stow-authorization <FILE>",
      `file with the value of the Authorization header, e.g. Bearer TOKEN (default: ${AUTHORIZATION}, else none)`,
    )
    .option("--stow-timeout <S>", "timeout of a request in seconds (default: 60)", parsePositive);
}

/** What {@link addStowOptions} declares. */
export const stowShape = { stowAuthorization: z.string().optional(), stowTimeout: z.number().optional() };

/** How to send to `url`, from the options and the environment. @throws GanglionError */
export async function stowOptions(
  url: string,
  { stowAuthorization: file, stowTimeout: timeoutSeconds }: z.infer<z.ZodObject<typeof stowShape>>,
  { progress: onProgress, signal }: CommandContext,
): Promise<StowOptions> {
  const text = file === undefined ? process.env[AUTHORIZATION] : (await readBytes(file)).toString("utf8");
  const authorization = text?.trim() || undefined;
  if (file !== undefined && authorization === undefined) {
    throw new GanglionError("usage", `--stow-authorization ${file}: the file is empty`);
  }
  const stow = { url, authorization, timeoutSeconds, onProgress, signal };
  // What is wrong with the address is said before any work is done.
  const { storeAddress } = await import("../release/dicom/stow.ts");
  storeAddress(url, authorization);
  return stow;
}
