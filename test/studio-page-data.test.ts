// Data in, in a browser: what is dropped or chosen, what was found in it, and what is left out before anything is written.
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, realpath, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { forgedZip } from "../src/data/readers/testing/forged-zip.ts";
import { writePhantom } from "../src/phantom/write.ts";
import type { JobRecord } from "../src/studio/project-api.ts";
import { checkPage } from "./testing/check-page.ts";
import { missingBrowser } from "./testing/chromium.ts";
import { writeDicomFolder } from "./testing/dicom-folder.ts";
import { openStudio, type StudioVisits } from "./testing/studio-browser.ts";

const JOB = 180_000;
const IMAGES = 24;

/** Lesions of which one is there twice under another class, one file is damaged, and one image is of a single value. */
async function writeFlawed(folder: string): Promise<void> {
  await writePhantom(folder, { count: IMAGES, size: 16, seed: 1 });
  const table = join(folder, "metadata.csv");
  const [head, ...rows] = (await readFile(table, "utf8")).trim().split(/\r?\n/);
  const [first, second] = rows.map((row) => row.split(",")[0]!);
  await copyFile(join(folder, first!), join(folder, "images/copy.png"));
  await writeFile(join(folder, "images/damaged.png"), "no picture");
  const extra = ["images/copy.png", "images/damaged.png"].map((name) => rows[1]!.replace(second!, name));
  await writeFile(table, `${[head, ...rows, ...extra].join("\n")}\n`);
}

/** A folder as a zip archive. */
async function zipOf(folder: string, top: string): Promise<Buffer> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return forgedZip(
    await Promise.all(
      names.map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        return { name: top + path.slice(folder.length + 1), data: await readFile(path), deflate: true };
      }),
    ),
  );
}

describe.skipIf(missingBrowser("images are not dropped on the page"))("data in, in a browser", () => {
  let root: string;
  let visits: StudioVisits;

  beforeAll(async () => {
    root = await realpath(await temporaryFolder());
    await mkdir(join(root, "home"));
    await writeFlawed(join(root, "flawed"));
    await writeFile(join(root, "flawed.zip"), await zipOf(join(root, "flawed"), "flawed/"));
    await writeDicomFolder(join(root, "home/scans"));
    visits = await openStudio(join(root, "work"), [join(root, "home")]);
  });
  afterAll(() => visits?.close());

  const uploads = () => readdir(join(root, "work/uploads")).catch(() => [] as string[]);
  async function lastJob(command: string): Promise<JobRecord> {
    const names = (await readdir(join(root, "work/jobs")).catch(() => [] as string[])).filter((name) =>
      /^[0-9a-f]+\.json$/.test(name),
    );
    const jobs = await Promise.all(
      names.map(async (name) => JSON.parse(await readFile(join(root, "work/jobs", name), "utf8")) as JobRecord),
    );
    const found = jobs.filter((job) => job.command === command).sort((a, b) => (a.created < b.created ? 1 : -1));
    return found[0]!;
  }
  const imported = async (page: Page, name: string) => {
    await page.getByLabel("Name of the new folder").fill(name);
    await page.getByRole("button", { name: "Start" }).press("Enter");
    // The record of this job, not the card of an earlier one: it writes in the project until then.
    const job = async () => {
      const last = await lastJob("import");
      return last?.line.includes(name) ? last.state : "none";
    };
    await expect.poll(job, { timeout: JOB }).toBe("done");
    expect(existsSync(join(root, "work", name, "metadata.csv"))).toBe(true);
  };

  test("a zip archive by keyboard: shown with its flaws, which are left out", { timeout: 2 * JOB }, async () => {
    await visits.visit("#/project/import", {}, async (page) => {
      page.setDefaultTimeout(JOB);
      await page.getByText(/At most 100,000 files and 8 GiB/).waitFor();
      const [chooser] = await Promise.all([
        page.waitForEvent("filechooser"),
        page.getByRole("button", { name: "Choose files or a zip archive" }).press("Enter"),
      ]);
      await chooser.setFiles(join(root, "flawed.zip"));
      await page.locator(".few-pictures img").nth(9).waitFor();
      expect(await uploads()).toEqual(["flawed"]);
      // Each role with its column and why.
      const column = (name: string) =>
        page.locator(".found-columns li").filter({ has: page.getByRole("heading", { name, exact: true }) });
      expect(await column("Patient").innerText()).toMatch(/patient_id[\s\S]*dataset\.json says so/);
      expect(await column("Class").innerText()).toMatch(/label[\s\S]*For example: /);
      // No value that names a patient.
      expect(await column("Patient").innerText()).not.toContain("For example");
      await page.getByRole("button", { name: "Look at the images" }).press("Enter");
      await page.locator(".repeats li").first().waitFor();
      const damaged = page.locator(".problem-list li");
      expect(await damaged.innerText()).toMatch(/images\/damaged\.png this is not PNG[\s\S]*replace it/);
      const pair = page.locator(".repeats li", { hasText: "Equal" });
      expect(await pair.innerText()).toContain("different classes");
      expect(await pair.locator("img").count()).toBe(2);
      await pair
        .locator("img")
        .nth(1)
        .evaluate((img) => (img as unknown as { decode(): Promise<void> }).decode());
      await checkPage(page, "flaws");
      await page.getByRole("button", { name: "Leave out all but one of each" }).press("Enter");
      await expect.poll(() => pair.locator("input:checked").count()).toBe(1);
      // What is damaged stops the import, until it is left out too; that is another reading, with all its images.
      await page.getByRole("checkbox", { name: "Leave out what is damaged or missing" }).press("Space");
      await page.getByText("What is damaged or missing is left out.").waitFor();
      await page.getByRole("button", { name: "Look at the images" }).press("Enter");
      await page.getByRole("button", { name: "Leave out all but one of each" }).press("Enter");
      await page.getByText(/images? (is|are) left out of the import/).waitFor();
      await imported(page, "skin");
    });
    const { line } = await lastJob("import");
    const file =
      /^ganglion import uploads\/flawed\/flawed skin --skip-damaged --leave-out (jobs\/[0-9a-f]+\.left-out\.txt)$/.exec(
        line,
      )![1]!;
    const names = (await readFile(join(root, "work", file), "utf8")).trim().split("\n");
    expect(names.every((name) => /^images\/[^/]+\.png$/.test(name))).toBe(true);
    const left = names.length;
    const rows = (await readFile(join(root, "work/skin/metadata.csv"), "utf8")).trim().split(/\r?\n/);
    expect(rows).toHaveLength(1 + IMAGES + 1 - left);
  });

  test("another column is chosen, and becomes the option of the command", { timeout: JOB }, async () => {
    await visits.visit("#/project/import", {}, async (page) => {
      await page.getByRole("button", { name: "Use flawed" }).press("Enter");
      const choice = page.getByLabel("Another column: Class");
      await choice.waitFor();
      const names = await choice.locator("option").allTextContents();
      const other = names.find((name) => /tone|fitzpatrick|sex|site|age/i.test(name))!;
      await choice.selectOption(other);
      await page.locator(".found-columns li", { hasText: "You chose it." }).waitFor();
      await page.getByLabel("Name of the new folder").fill("by-column");
      await page.getByRole("button", { name: "Start" }).press("Enter");
      // The damaged file is no part of it: the job says so, with what mends it.
      await page.locator(".job.failed .problems li").first().waitFor();
      expect((await lastJob("import")).line).toContain(`--label ${other}`);
      expect(await page.locator(".job.failed .problems").first().innerText()).toContain("damaged.png");
    });
    expect(existsSync(join(root, "work/by-column"))).toBe(false);
  });

  test("files that are dropped, a folder that is chosen, and one that is removed and had back", {
    timeout: JOB,
  }, async () => {
    await visits.visit("#/project/import", {}, async (page) => {
      page.setDefaultTimeout(60_000);
      await page.locator(".upload-box").waitFor();
      await page.evaluate(`(() => {
        const transfer = new DataTransfer();
        for (const name of ["a.txt", "b.txt", ".DS_Store"]) transfer.items.add(new File(["x"], name));
        const drop = (type) => new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
        document.querySelector(".upload-box").dispatchEvent(drop("dragover"));
        document.querySelector(".upload-box").dispatchEvent(drop("drop"));
      })()`);
      // No images in it: the reader says why.
      await page
        .getByText(/no PNG, JPEG/)
        .first()
        .waitFor();
      expect((await readdir(join(root, "work/uploads/upload"))).sort()).toEqual(["a.txt", "b.txt"]);
      await page.getByRole("button", { name: "Choose another folder" }).click();
      await page.locator("input[type=file]").nth(1).setInputFiles(join(root, "flawed/images"));
      await page.locator(".few-pictures img").first().waitFor();
      expect(await uploads()).toEqual(expect.arrayContaining(["images"]));
      await page.getByRole("button", { name: "Choose another folder" }).click();
      const remove = page.getByRole("button", { name: "Remove images" });
      await remove.waitFor();
      // Where the list cannot be had again, what is shown stays, with the way back.
      const noList = { status: 200, contentType: "application/json", body: "no JSON" };
      await page.route("**/api/uploads", (route) => route.fulfill(noList));
      await remove.press("Enter");
      await page.getByText("images was removed").waitFor();
      expect(await uploads()).not.toContain("images");
      await checkPage(page, "uploads");
      await page.unroute("**/api/uploads");
      await page.getByRole("button", { name: "Undo" }).press("Enter");
      await page.getByText("images was removed").waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Use images" }).waitFor();
      expect(await uploads()).toContain("images");
    });
  });

  test("a bad archive is refused in words, and nothing of it is kept", { timeout: JOB }, async () => {
    await visits.visit("#/project/import", {}, async (page) => {
      await page.locator(".upload-box").waitFor();
      const before = await uploads();
      const buffer = forgedZip([{ name: "../evil.png", data: Buffer.from("x") }]);
      const input = page.locator("input[type=file]").first();
      await input.setInputFiles({ name: "evil.zip", mimeType: "application/zip", buffer });
      await page
        .getByRole("alert")
        .getByText(/leads out/)
        .waitFor();
      await expect.poll(uploads).toEqual(before);
      expect(existsSync(join(root, "work/evil.png"))).toBe(false);
    });
  });

  test("the window of DICOM is chosen on its picture", { timeout: 2 * JOB }, async () => {
    await visits.visit("#/project/import", {}, async (page) => {
      page.setDefaultTimeout(JOB);
      await page.getByRole("button", { name: "scans/" }).press("Enter");
      await expect.poll(() => page.locator(".folder-browser .path").innerText()).toMatch(/scans/);
      await page.getByRole("button", { name: "Use this folder" }).press("Enter");
      const picture = page.locator(".window-desk img");
      await picture.waitFor();
      const center = page.getByRole("slider", { name: "Centre" });
      const shown = async () => {
        await picture.evaluate((img) => (img as unknown as { decode(): Promise<void> }).decode());
        return picture.getAttribute("src");
      };
      const before = await shown();
      await page.getByRole("spinbutton", { name: "Width" }).fill("40");
      await center.focus();
      for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowLeft");
      await expect.poll(shown).not.toBe(before);
      await checkPage(page, "window");
      const chosen = await center.inputValue();
      await imported(page, "slices");
      expect((await lastJob("import")).line).toContain(`--window ${chosen},40`);
    });
  });

  test("a page stays open where the folder cannot be looked at again", { timeout: JOB }, async () => {
    await visits.visit("#/project/import", {}, async (page) => {
      page.setDefaultTimeout(60_000);
      await page.locator(".upload-box").waitFor();
      let refused = 0;
      await page.route("**/api/workspace", (route) => {
        refused++;
        return route.fulfill({ status: 200, contentType: "application/json", body: "no JSON" });
      });
      await page.evaluate("void (location.hash = '#/project')");
      await expect.poll(() => refused, { timeout: 60_000 }).toBeGreaterThan(0);
      await page.locator(".chain").waitFor();
      await page.evaluate("new Promise((done) => setTimeout(done, 300))");
      expect(await page.locator(".chain").count()).toBe(1);
    });
  });

  test("a project that is taken away is said to be gone, until it is back", { timeout: JOB }, async () => {
    await visits.visit("#/project", {}, async (page) => {
      page.setDefaultTimeout(60_000);
      await page.locator(".chain").waitFor();
      // What the page asked for as it opened has been answered: a refusal would be an error of the browser's console.
      const asked =
        "performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/api/workspace')).length";
      await expect.poll(() => page.evaluate(asked), { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
      await rename(join(root, "work"), join(root, "work-away"));
      const said = page.getByRole("alert").getByText("The folder of this project is gone");
      await said.waitFor();
      expect(await page.locator(".chain").count()).toBe(1);
      await rename(join(root, "work-away"), join(root, "work"));
      await said.waitFor({ state: "detached" });
    });
  });
});
