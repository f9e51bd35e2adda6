import { GanglionError } from "../../core/errors.ts";
import { placed } from "../../core/quoted.ts";

/**
 * The licence of a start.
 * @param said By the start itself; empty where it names none.
 * @param stated By who begins from it.
 * @throws GanglionError `usage` where neither names one
 */
export function licenseOf(path: string, said: string, stated: string | undefined): string {
  const license = said.trim() || stated?.trim() || "";
  if (license !== "") return license;
  const message = `--from ${placed(path)}: it names no licence under which its weights may be used; state it with --from-license ID (LicenseRef-own for images of your own)`;
  throw new GanglionError("usage", message);
}
