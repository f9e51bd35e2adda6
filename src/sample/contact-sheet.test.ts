import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import type { RawImage } from "../data/types.ts";
import { ContactSheet } from "./contact-sheet.ts";

const image = (level: number): RawImage => ({
  width: 4,
  height: 4,
  channels: 1,
  data: new Uint8Array(16).fill(level),
});

test("a labelled row of images a class, the first sixteen of each, names as text", async () => {
  const sheet = new ContactSheet();
  for (let i = 0; i < 20; i++) sheet.add("nevus", image(i));
  sheet.add("<b>rare</b>", image(200));
  const pieces: string[] = [];
  for await (const piece of sheet.page("Every image is synthetic.")) pieces.push(piece);
  const { document } = parseHTML(pieces.join(""));
  expect(document.querySelector(".headline")!.textContent).toBe("21 synthetic images of 2 classes");
  expect([...document.querySelectorAll("main h2")].map((head) => head.textContent)).toEqual(["nevus", "<b>rare</b>"]);
  const rows = [...document.querySelectorAll(".tiles")];
  expect(rows.map((row) => row.querySelectorAll("img").length)).toEqual([16, 1]);
  expect(rows[1]!.querySelector("img")!.getAttribute("alt")).toBe("synthetic image of class <b>rare</b>");
  expect(document.querySelectorAll("script, link[href^=http]").length).toBe(0);
});
