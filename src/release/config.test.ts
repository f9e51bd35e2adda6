import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeJson } from "../core/files.ts";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { DEFAULT_CONFIG, readReleaseConfig } from "./config.ts";
import { hubLicense, parseLicense } from "./license.ts";

test("every key is documented, each limit of the gate with its default", () => {
  const text = readFileSync(new URL("../../docs/release.md", import.meta.url), "utf8");
  for (const [key, value] of Object.entries(DEFAULT_CONFIG.gate)) {
    const row = text.split("\n").find((line) => line.startsWith(`| \`gate.${key}\` |`));
    expect(row?.replaceAll(/[` ]/g, ""), key).toContain(`|${String(JSON.stringify(value)).replaceAll(/^"|"$/g, "")}|`);
  }
  for (const key of Object.keys(DEFAULT_CONFIG)) expect(text, key).toContain(key === "gate" ? "`gate." : `\`${key}\``);
});

test("a config says every wrong key at once", async () => {
  const path = join(await temporaryFolder(), "config.json");
  await writeJson(path, {
    gate: { maxCopyShare: 2, worstFinding: "bad" },
    url: "here",
    name: "../x",
    date: "today",
    extra: 1,
  });
  const error = await failure(readReleaseConfig(path));
  expect(error.code).toBe("usage");
  for (const key of ["gate.maxCopyShare", "gate.worstFinding", "url", "name", "date", "extra"]) {
    expect(error.message).toContain(key);
  }
  await writeJson(path, { gate: { maxCopyShare: 0 } });
  expect(await readReleaseConfig(path)).toEqual({
    ...DEFAULT_CONFIG,
    gate: { ...DEFAULT_CONFIG.gate, maxCopyShare: 0 },
  });
});

test("licences are read in the ways people write them", () => {
  expect(parseLicense("cc by 4.0").spdx).toBe("CC-BY-4.0");
  expect(parseLicense("CC0-1.0")).toEqual({
    spdx: "CC0-1.0",
    url: "https://creativecommons.org/publicdomain/zero/1.0/",
  });
  expect(parseLicense("EUPL-1.2").url).toBe("https://spdx.org/licenses/EUPL-1.2.html");
  expect(hubLicense(parseLicense("ODbL-1.0"))).toEqual({ license: "odbl" });
  expect(hubLicense(parseLicense("EUPL-1.2"))).toMatchObject({ license: "other", license_name: "eupl-1.2" });
  for (const wrong of ["", "no words: allowed", "../x", "a"])
    expect(() => parseLicense(wrong)).toThrow(/no SPDX identifier/);
});
