import { expect, test } from "vitest";
import { parse } from "yaml";
import { frontMatter } from "./front-matter.ts";

test("text that a YAML 1.1 or 1.2 reader would take for something else is quoted", () => {
  const value = {
    a: "plain-text",
    b: "n<1K",
    c: "yes",
    d: "1.0",
    e: ["x: y", { k: "v", l: [1, null] }],
    f: true,
    g: "2020-01-01",
    h: "0o17",
    i: "two\nlines",
    j: "on",
  };
  const text = frontMatter(value);
  expect(text.startsWith("---\n") && text.endsWith("---\n\n")).toBe(true);
  const body = text.slice(4, -5);
  for (const version of ["1.1", "1.2"] as const) expect(parse(body, { version }), version).toEqual(value);
});
