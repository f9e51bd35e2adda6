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
/** Screens of every page: a phone, a desk, a wall; light and dark; English and Chinese. */
const SCREENS = [
  { width: 360, height: 780, colorScheme: "light", lang: "en" },
  { width: 1280, height: 860, colorScheme: "dark", lang: "zh-CN" },
  { width: 2560, height: 1400, colorScheme: "light", lang: "zh-CN" },
] as const;

/** Script that lists the cards that end beside the page, and the controls that end beside their card. */
export const BESIDE_CARDS = `(() => {
  const right = (node) => node.getBoundingClientRect().right;
  const shown = (selector) => [...document.querySelectorAll(selector)].filter((node) => node.getClientRects().length > 0);
  const page = document.querySelector("main");
  const edge = right(page) - parseFloat(getComputedStyle(page).paddingRight);
  const cards = shown(".card").filter((card) => right(card) > edge + 1);
  const controls = shown(".card button, .card .button, .card select, .card input, .card img").filter(
    (node) => node.closest(".table-scroll, .chain, .image-scroll") === null && right(node) > right(node.closest(".card")) + 1);
  return [...cards, ...controls].map((node) => node.outerHTML.slice(0, 80));
})()`;

/** What axe objects to on the page as it stands. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return (await page.evaluate(FINDINGS)) as string[];
}

/** Checks a page as it stands on every screen: axe, contrast, no sideways scrolling; in both languages and schemes. */
export async function checkPage(page: Page, name: string): Promise<void> {
  const language = page.getByRole("combobox", { includeHidden: true }).first();
  for (const { width, height, colorScheme, lang } of SCREENS) {
    const where = `${name}, ${width} px, ${colorScheme}, ${lang}`;
    await language.selectOption(lang);
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    expect(await page.locator(".project").getAttribute("lang")).toBe(lang);
    expect(await page.evaluate("document.documentElement.scrollWidth"), where).toBe(width);
    expect(await page.evaluate(BESIDE_CARDS), where).toEqual([]);
    await keepScreenshot(page, `project-${name}-${width}-${colorScheme}-${lang}`);
    // The widest screen has nothing that a desk has not.
    if (width > 2000) continue;
    expect(await violations(page), where).toEqual([]);
    expect(await page.evaluate(leastContrast(":disabled, .visually-hidden, .skip")), where).toBeGreaterThanOrEqual(4.5);
  }
  await language.selectOption("en");
  await page.setViewportSize({ width: 1280, height: 860 });
}
