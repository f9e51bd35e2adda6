import { GanglionError } from "../core/errors.ts";
import { quoted } from "../core/quoted.ts";
import type { ReleaseLicense } from "./package-writer.ts";

/** Address of the text and name on the Hugging Face hub of the licences that data is mostly given under. */
const KNOWN: Readonly<Record<string, { readonly url: string; readonly hub: string }>> = {
  "CC0-1.0": { url: "https://creativecommons.org/publicdomain/zero/1.0/", hub: "cc0-1.0" },
  "CC-BY-3.0": { url: "https://creativecommons.org/licenses/by/3.0/", hub: "cc-by-3.0" },
  "CC-BY-4.0": { url: "https://creativecommons.org/licenses/by/4.0/", hub: "cc-by-4.0" },
  "CC-BY-SA-4.0": { url: "https://creativecommons.org/licenses/by-sa/4.0/", hub: "cc-by-sa-4.0" },
  "CC-BY-NC-4.0": { url: "https://creativecommons.org/licenses/by-nc/4.0/", hub: "cc-by-nc-4.0" },
  "CC-BY-NC-SA-4.0": { url: "https://creativecommons.org/licenses/by-nc-sa/4.0/", hub: "cc-by-nc-sa-4.0" },
  "CC-BY-NC-ND-4.0": { url: "https://creativecommons.org/licenses/by-nc-nd/4.0/", hub: "cc-by-nc-nd-4.0" },
  "ODbL-1.0": { url: "https://opendatacommons.org/licenses/odbl/1-0/", hub: "odbl" },
  "CDLA-Permissive-2.0": { url: "https://cdla.dev/permissive-2-0/", hub: "cdla-permissive-2.0" },
  MIT: { url: "https://spdx.org/licenses/MIT.html", hub: "mit" },
  "Apache-2.0": { url: "https://www.apache.org/licenses/LICENSE-2.0", hub: "apache-2.0" },
};

/**
 * A licence by its SPDX identifier; the usual ones in any case and with spaces for hyphens (`CC BY 4.0`).
 * @throws GanglionError `usage` for what cannot be an identifier
 */
export function parseLicense(text: string): ReleaseLicense {
  const plain = text.trim().replaceAll(/\s+/g, "-");
  const spdx = Object.keys(KNOWN).find((name) => name.toLowerCase() === plain.toLowerCase()) ?? plain;
  if (!/^[A-Za-z0-9][A-Za-z0-9.+-]{1,63}$/.test(spdx)) {
    const message = `${quoted(text)} is no SPDX identifier of a licence; use one of spdx.org/licenses, e.g. ${Object.keys(KNOWN).slice(0, 4).join(", ")}, or LicenseRef-NAME`;
    throw new GanglionError("usage", message);
  }
  return { spdx, url: KNOWN[spdx]?.url ?? `https://spdx.org/licenses/${spdx}.html` };
}

/** Licence keys of a Hugging Face card. */
export function hubLicense({ spdx, url }: ReleaseLicense): Record<string, string> {
  const hub = KNOWN[spdx]?.hub;
  return hub === undefined
    ? { license: "other", license_name: spdx.toLowerCase(), license_link: url }
    : { license: hub };
}

/** Content of the file `LICENSE`. */
export function licenseText({ spdx, url }: ReleaseLicense, creator: string | null): string {
  return [
    `SPDX-License-Identifier: ${spdx}`,
    "",
    `The files of this release are given under ${spdx}${creator === null ? "" : ` by ${creator}`}.`,
    `The full text: ${url}`,
    "",
  ].join("\n");
}
