// What an inspection did not look for, on the page that shows it, and the search that a person then asks for.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { writePhantom } from "../src/phantom/write.ts";
import type { InspectionSummary } from "../src/studio/project-api.ts";
import { CATALOGUE } from "../src/studio/web/texts/texts.ts";
import { checkPage } from "./testing/check-page.ts";
import { missingBrowser } from "./testing/chromium.ts";
import { openStudio, type StudioVisits } from "./testing/studio-browser.ts";

/** A job of the build may take this long while other tests run, in milliseconds. */
const JOB = 300_000;

describe.skipIf(missingBrowser("the project's page is not opened"))("a search that was not made", () => {
  let root: string;
  let visits: StudioVisits;

  beforeAll(async () => {
    root = await temporaryFolder();
    await writePhantom(join(root, "home/lesions"), { count: 20, size: 16, seed: 1 });
    visits = await openStudio(join(root, "work"), [join(root, "home")]);
  });
  afterAll(() => visits?.close());

  test("is said with what it takes, and is made when it is asked for", { timeout: 2 * JOB }, async () => {
    await visits.visit("#/project/import", {}, async (page) => {
      page.setDefaultTimeout(JOB);
      // So few images are always searched: the first answer becomes that of many.
      let answers = 0;
      await page.route("**/inspection*", async (route) => {
        const response = await route.fetch();
        const found = (await response.json()) as InspectionSummary;
        expect(found.partsNotSearched).toBeNull();
        const command = "ganglion inspect lesions --skip-damaged --parts";
        const partsNotSearched = { images: 50_000, why: "many", most: 12_000, coreSeconds: 130, command } as const;
        await route.fulfill({ response, json: answers++ === 0 ? { ...found, partsNotSearched } : found });
      });
      await page.getByRole("button", { name: "lesions/" }).click();
      await page.getByRole("button", { name: "Use this folder" }).click();
      await page.getByRole("button", { name: "Look at the images" }).click();
      const notSearched = page.getByRole("region", { name: "What was not looked for" });
      await notSearched.waitFor();
      const said = await notSearched.innerText();
      expect(said).toContain(
        "among these 50,000 images: without being asked, they are looked for among 12,000 at most",
      );
      expect(said).toMatch(/about 2 min,? 10 sec of one processor core/);
      expect(said.replaceAll("\n", "")).toContain("ganglion inspect lesions --skip-damaged --parts");
      await checkPage(page, "parts");
      await page.getByRole("button", { name: "Look for them too" }).click();
      await notSearched.waitFor({ state: "detached" });
      await page.locator(".found").waitFor();
      expect(await notSearched.count()).toBe(0);
      const { jobs } = (await (await page.request.get(`${new URL(page.url()).origin}/api/project`)).json()) as {
        jobs: { line: string; state: string }[];
      };
      const lesions = join(root, "home/lesions");
      expect(jobs.map(({ line, state }) => [state, line])).toEqual([
        ["done", `ganglion inspect ${lesions} --skip-damaged --parts`],
        ["done", `ganglion inspect ${lesions} --skip-damaged`],
      ]);
    });
  });

  test("is said in every language", () => {
    for (const [language, texts] of Object.entries(CATALOGUE))
      for (const key of ["look.parts.many", "look.parts.time"] as const)
        expect(texts[key], language).toMatch(key === "look.parts.many" ? /\{images\}.*\{most\}/ : /\{time\}/);
  });
});
