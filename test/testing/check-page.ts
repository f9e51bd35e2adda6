import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { leastContrast } from "./chromium.ts";
import { keepScreenshot } from "./studio-browser.ts";

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const FINDINGS = `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" | ")))`;
/** Buttons and pictures that reach out of the card or button that they are in, over what is beside or below it. */
const REACHES_OUT = `[...document.querySelectorAll(".card button, .card .button, .card button img, .pair button, .pair img")]
  .filter((node) => node.checkVisibility())
  .filter((node) => {
    const [own, around] = [node, node.parentElement.closest("button, .card, .pair")].map((each) => each.getBoundingClientRect());
    return own.right > around.right + 1 || own.bottom > around.bottom + 1;
  })
  .map((node) => node.outerHTML.slice(0, 120))`;
/** Screens of every page: a phone, a desk, a wall; light and dark; English and Chinese. */
const SCREENS = [
  { width: 360, height: 780, colorScheme: "light", lang: "en" },
  { width: 1280, height: 860, colorScheme: "dark", lang: "zh-CN" },
  { width: 2560, height: 1400, colorScheme: "light", lang: "zh-CN" },
] as const;

/** Checks a page as it stands on every screen: axe, contrast, no sideways scrolling, nothing over its card; in both languages and schemes. */
export async function checkPage(page: Page, name: string): Promise<void> {
  await page.evaluate(axe);
  const language = page.getByRole("combobox", { includeHidden: true }).first();
  for (const { width, height, colorScheme, lang } of SCREENS) {
    const where = `${name}, ${width} px, ${colorScheme}, ${lang}`;
    await language.selectOption(lang);
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    expect(await page.locator(".project").getAttribute("lang")).toBe(lang);
    expect(await page.evaluate("document.documentElement.scrollWidth"), where).toBe(width);
    expect(await page.evaluate(REACHES_OUT), where).toEqual([]);
    await keepScreenshot(page, `project-${name}-${width}-${colorScheme}-${lang}`);
    // The widest screen has nothing that a desk has not.
    if (width > 2000) continue;
    expect(await page.evaluate(FINDINGS), where).toEqual([]);
    expect(await page.evaluate(leastContrast(":disabled, .visually-hidden, .skip")), where).toBeGreaterThanOrEqual(4.5);
  }
  await language.selectOption("en");
  await page.setViewportSize({ width: 1280, height: 860 });
}
