import { GanglionError } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";
import { quoted } from "../core/quoted.ts";
import type { ReleaseLicense } from "./package-writer.ts";
import { SPDX_LICENSES } from "./spdx-licenses.ts";

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

const byLowerCase = new Map(SPDX_LICENSES.map((id) => [id.toLowerCase(), id]));
/** What the identifier of a licence of one's own begins with. */
export const OWN_LICENSE = "LicenseRef-";
/** Licence of one's own by the rules of SPDX, in any case. */
const OWN = /^licenseref-[a-z0-9.-]{1,63}$/i;

/** Identifiers that were probably meant: those that begin with the text, else the nearest. */
function nearestLicenses(text: string): string[] {
  const longer = SPDX_LICENSES.filter((id) => id.toLowerCase().startsWith(`${text.toLowerCase()}-`)).slice(-3);
  if (longer.length > 0) return longer;
  const nearest = nearestName(text, SPDX_LICENSES);
  return nearest === undefined ? [] : [nearest];
}

/**
 * A licence by its SPDX identifier, in any case and with spaces for hyphens (`CC BY 4.0`), or `LicenseRef-NAME`.
 * @throws GanglionError `usage` for one that is not on the list of SPDX
 */
export function parseLicense(text: string): ReleaseLicense {
  const plain = text.trim().replaceAll(/\s+/g, "-");
  const own = OWN.test(plain) ? OWN_LICENSE + plain.slice(OWN_LICENSE.length) : undefined;
  const spdx = own ?? byLowerCase.get(plain.toLowerCase());
  if (spdx === undefined) {
    const near = nearestLicenses(plain);
    const perhaps = near.length > 0 ? near.join(" or ") : Object.keys(KNOWN).slice(0, 4).join(", ");
    const message = `${quoted(text)} is no SPDX identifier of a licence (spdx.org/licenses); use for example ${perhaps}, or LicenseRef-NAME for terms of your own`;
    throw new GanglionError("usage", message);
  }
  return { spdx, url: KNOWN[spdx]?.url ?? `https://spdx.org/licenses/${own === undefined ? `${spdx}.html` : ""}` };
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
