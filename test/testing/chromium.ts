/** Arguments of headless Chromium: no sandbox, for root in a container, and nothing that asks the network. */
export const CHROMIUM_ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--no-first-run",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
];

/** Whether a test is skipped, with a line that says so, because there is no browser. */
export function missingBrowser(what: string): boolean {
  const missing = (process.env.GANGLION_CHROMIUM ?? "") === "" && process.env.CI !== "true";
  if (missing) console.warn(`skipped: no Chromium on this machine, so ${what}`);
  return missing;
}

/**
 * Script that finds the least contrast (WCAG 2.2, 1.4.3) over all elements with text of their own; runs in a page.
 * @param exempt Selector of elements that are left out, with all inside them.
 */
export const leastContrast = (exempt: string): string => `(() => {
  // rgb(...) has levels to 255, color(srgb ...) of a mixed colour shares; both may have an opacity.
  const parse = (color) => {
    const found = (color.match(/[\\d.]+(e-?\\d+)?/g) ?? []).map(Number);
    return color.startsWith("color(") ? [...found.slice(0, 3).map((v) => 255 * v), ...found.slice(3)] : found;
  };
  const light = ([r, g, b]) => {
    const part = (v) => { const s = v / 255; return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] > 0) layers.push(color);
      if (color.length === 3 || color[3] === 1) break;
    }
    const over = (below, [r, g, b, a = 1]) => [r, g, b].map((v, i) => a * v + (1 - a) * below[i]);
    return layers.reverse().reduce(over, [255, 255, 255]);
  };
  let worst = 21;
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim() !== "");
    if (!own || node.closest(${JSON.stringify(exempt)})) continue;
    const style = getComputedStyle(node);
    const ink = parse(node instanceof SVGElement ? style.fill : style.color);
    if (ink.length < 3) continue;
    const [a, b] = [light(ink), light(behind(node))];
    worst = Math.min(worst, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return worst;
})()`;
