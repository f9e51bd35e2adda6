/**
 * Script that lists what is wrong with the layout of a report that is open in a browser; runs in the page. Text below 12 px, cut
 * off, beside the page or over other text of its drawing; images too small to judge; rows without a value; numbers that no
 * person reads.
 */
export const PAGE_PROBLEMS = `(() => {
  const LEAST_FONT = 12, LEAST_IMAGE = 96, SLACK = 1;
  const problems = [];
  const width = document.documentElement.clientWidth;
  const wide = document.documentElement.scrollWidth;
  if (wide > width) problems.push("the page is " + wide + " px wide");
  const shown = (node) => node.getClientRects().length > 0 && getComputedStyle(node).visibility !== "hidden";
  const scrolls = (node) => node.closest(".scroll") !== null;
  const told = (node) => node.textContent.trim().slice(0, 50);
  for (const node of document.querySelectorAll("body *")) {
    if (node.closest("style, title") !== null) continue;
    const own = [...node.childNodes].map((child) => (child.nodeType === 3 ? child.data : " ")).join("");
    if (own.trim() === "" || !shown(node)) continue;
    const svg = node.closest("svg");
    const scale = svg === null ? 1 : svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const size = parseFloat(getComputedStyle(node).fontSize) * scale;
    if (size < LEAST_FONT) problems.push("text of " + size.toFixed(1) + " px: " + told(node));
    const box = node.getBoundingClientRect();
    if (!scrolls(node) && (box.left < -SLACK || box.right > width + SLACK)) problems.push("beside the page: " + told(node));
    const style = getComputedStyle(node);
    if (style.overflowX !== "visible" && !node.classList.contains("scroll") && node.scrollWidth > node.clientWidth + SLACK)
      problems.push("cut off: " + told(node));
    if (/\\d(\\.\\d+)?e[-+]?\\d+(?![\\da-f])/.test(own) && !node.closest("code, figcaption"))
      problems.push("exponent: " + told(node));
    if (/NaN|undefined|Infinity/.test(own)) problems.push("no number: " + told(node));
  }
  // A phone may scroll a table sideways; a desk has room for it.
  for (const table of document.querySelectorAll(".scroll")) {
    if (width >= 1280 && shown(table) && table.scrollWidth > table.clientWidth + SLACK)
      problems.push("wider than the page: " + table.getAttribute("aria-label"));
  }
  for (const caption of document.querySelectorAll("caption")) {
    if (!shown(caption)) continue;
    if (caption.getBoundingClientRect().right > caption.closest(".scroll").getBoundingClientRect().right + SLACK)
      problems.push("caption cut off: " + told(caption));
  }
  for (const svg of document.querySelectorAll("svg")) {
    if (!shown(svg)) continue;
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].filter((text) => text.textContent !== "");
    const boxes = texts.map((text) => text.getBoundingClientRect());
    boxes.forEach((a, i) => {
      if (a.left < frame.left - SLACK || a.right > frame.right + SLACK || a.top < frame.top - SLACK || a.bottom > frame.bottom + SLACK)
        problems.push("beside its drawing: " + told(texts[i]) + " in " + svg.getAttribute("aria-label").slice(0, 40));
      boxes.slice(i + 1).forEach((b, k) => {
        const [x, y] = [Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
        // The box of a text is as high as its line, taller than its letters.
        if (x > SLACK && y > 4) problems.push("one on another: " + told(texts[i]) + " and " + told(texts[i + 1 + k]) + " in " + svg.getAttribute("aria-label").slice(0, 40));
      });
    });
  }
  for (const image of document.querySelectorAll("img")) {
    if (!shown(image)) continue;
    const { width: across } = image.getBoundingClientRect();
    if (image.naturalWidth === 0) problems.push("damaged picture: " + image.alt);
    if (across < LEAST_IMAGE) problems.push("picture of " + across + " px: " + image.alt);
    if (!/image|map/i.test(image.alt)) problems.push("picture without words");
  }
  for (const row of document.querySelectorAll("tbody tr")) {
    const cells = [...row.querySelectorAll("td")].map((cell) => cell.textContent.trim());
    if (cells.length > 0 && cells.every((text) => text === "" || text === "–")) problems.push("row without a value: " + told(row));
  }
  return [...new Set(problems)];
})()`;

/** Script that opens all that is folded. */
export const UNFOLD = "for (const each of document.querySelectorAll('details')) each.open = true";
