import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { type Studio, startStudio } from "../../src/studio/server/start-studio.ts";
import { CHROMIUM_ARGUMENTS } from "./chromium.ts";

/** Screen of a visit. Defaults: 1280 by 860, light, a mouse. */
interface Screen {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
  readonly touch?: boolean;
}

/** A studio over a folder, and a browser that visits it. */
export interface StudioVisits {
  readonly studio: Studio;
  readonly browser: Browser;
  /** Opens a page of the studio; fails when the page said something, asked another host, or broke its own rules. */
  visit(route: string, screen: Screen, work: (page: Page, context: BrowserContext) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** @param roots Folders that images may be imported from. Defaults to the user's home. */
export async function openStudio(folder: string, roots?: readonly string[]): Promise<StudioVisits> {
  const studio = await startStudio({ path: folder, roots, port: 0, note: () => undefined });
  const browser = await chromium.launch({
    executablePath: process.env.GANGLION_CHROMIUM ?? "",
    args: CHROMIUM_ARGUMENTS,
  });
  return {
    studio,
    browser,
    async visit(route, { width = 1280, height = 860, scheme = "light", touch = false }, work) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: scheme,
        hasTouch: touch,
        acceptDownloads: true,
      });
      const page = await context.newPage();
      const said: string[] = [];
      const asked: string[] = [];
      // The policy's violations are console errors, in the page and in its threads.
      page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
      page.on("pageerror", (error) => said.push(String(error)));
      context.on("request", (request) => asked.push(request.url()));
      page.on("websocket", (socket) => asked.push(socket.url()));
      await page.addInitScript(
        "addEventListener('securitypolicyviolation', (event) => console.error('policy: ' + event.violatedDirective))",
      );
      try {
        await page.goto(studio.url);
        if (route !== "") await page.goto(`http://127.0.0.1:${studio.port}/${route}`);
        await work(page, context);
        expect(said).toEqual([]);
        const others = asked.filter(
          (url) => !/^(data|blob):/.test(url) && new URL(url).host !== `127.0.0.1:${studio.port}`,
        );
        expect(others).toEqual([]);
      } finally {
        await context.close();
      }
    },
    async close() {
      await browser.close();
      await studio.close();
    },
  };
}

/** Keeps a picture of the page where `GANGLION_SCREENSHOTS` names a folder. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.GANGLION_SCREENSHOTS;
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
