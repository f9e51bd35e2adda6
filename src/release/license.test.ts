import { describe, expect, test } from "vitest";
import { parseLicense } from "./license.ts";
import { SPDX_LICENSES } from "./spdx-licenses.ts";

describe("a licence", () => {
  test("is one of the list of SPDX, in any case and with spaces, or one of one's own", () => {
    expect(parseLicense("cc by 4.0").spdx).toBe("CC-BY-4.0");
    expect(parseLicense("apache-2.0").spdx).toBe("Apache-2.0");
    expect(parseLicense("0bsd")).toEqual({ spdx: "0BSD", url: "https://spdx.org/licenses/0BSD.html" });
    expect(parseLicense("licenseref-Clinic.1").spdx).toBe("LicenseRef-Clinic.1");
  });

  test.each([
    ["Jane-Doe-1970", /no SPDX identifier/],
    ["CC-BY", /CC-BY-.* or LicenseRef-NAME/],
    ["CC-BY-NC-4", /for example CC-BY-NC-4.0, or/],
    ["CC-BY-4.0 OR MIT", /no SPDX identifier/],
    ["LicenseRef-", /no SPDX identifier/],
    ["", /no SPDX identifier/],
  ])("%s is refused with what was meant", (text, words) => {
    expect(() => parseLicense(text)).toThrow(words);
  });
});

test("the list is whole", () => {
  expect(SPDX_LICENSES.length).toBe(695);
  expect(new Set(SPDX_LICENSES.map((id) => id.toLowerCase())).size).toBe(695);
  expect(SPDX_LICENSES.every((id) => /^[A-Za-z0-9][A-Za-z0-9.+-]+$/.test(id))).toBe(true);
});
