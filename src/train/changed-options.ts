import { isDeepStrictEqual } from "node:util";
import { GanglionError } from "../core/errors.ts";

/** A record without the options that change nothing. */
export const withoutOff = <T extends object>(record: T, off: Readonly<Record<string, unknown>>): T =>
  Object.fromEntries(Object.entries(record).filter(([name, value]) => !isDeepStrictEqual(value, off[name]))) as T;

/**
 * A copy of a nested record with values replaced by dotted names.
 * @param above Names of the records that it lies in, each with its dot. Defaults to none.
 * @throws GanglionError `usage` for an unknown name
 */
export function changed<T extends object>(record: T, changes: Readonly<Record<string, unknown>>, above = ""): T {
  const copy = structuredClone(record) as Record<string, unknown>;
  for (const [name, value] of Object.entries(changes)) {
    const [head, ...rest] = name.split(".");
    if (!(head! in copy)) {
      throw new GanglionError(
        "usage",
        `--set ${above}${name}: there is no such option; there are ${Object.keys(copy)
          .map((known) => above + known)
          .join(", ")}`,
      );
    }
    copy[head!] =
      rest.length === 0 ? value : changed(copy[head!] as object, { [rest.join(".")]: value }, `${above}${head}.`);
  }
  return copy as T;
}
