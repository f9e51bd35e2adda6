import { expect, test } from "vitest";
import { parseXml } from "./xml-formats.ts";

const annotated = (inner: string) => `<annotations>${inner}</annotations>`;

test("whole files are read, with quoted brackets, comments and sections of plain text", async () => {
  const text = `<?xml version="1.0"?><!DOCTYPE annotations>${annotated(
    `<!-- <image> > --><image name="a>b/" id='<"'><tag/></image><note><![CDATA[<image>]]></note>`,
  )}`;
  expect((await parseXml(text))?.tagName).toBe("annotations");
});

test.each([
  ["a tag", "<image"],
  ["a quote", '<image name="1.png>'],
  ["a quote behind a name", '<image"1.png">'],
  ["a comment", "<!-- > <image></image>"],
  ["plain text", "<![CDATA[ > <image></image>"],
])("%s that does not end is damage", async (_, inner) => {
  expect(await parseXml(annotated(inner))).toBeUndefined();
});

// Each that opens was once looked for to the end of the file.
test.each([
  ["quotes", '<image name="'],
  ["quotes behind long names", `<${"a".repeat(64)}"`],
  ["comments", "<!-- >"],
  ["plain text", "<![CDATA[ >"],
  ["apostrophes in tags that close", "<a '>"],
])("very many %s that do not end are damage, and soon said to be", async (_, each) => {
  expect(await parseXml(annotated(each.repeat(500_001)))).toBeUndefined();
});
