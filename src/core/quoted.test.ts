import { expect, test } from "vitest";
import { listed, named, quoted, shellWord } from "./quoted.ts";

test("short values stand as they are, text in quotes", () => {
  expect([quoted("a b"), quoted('say "x"'), quoted(7), quoted(null), quoted(undefined), quoted(["a", 1])]).toEqual([
    '"a b"',
    '"say \\"x\\""',
    "7",
    "null",
    "undefined",
    '["a",1]',
  ]);
  expect([named("é ü"), quoted("می‌خواهم")]).toEqual(["é ü", '"می‌خواهم"']);
});

test("a long value is shortened and its length said", () => {
  const long = "x".repeat(150_000);
  expect(quoted(long)).toBe(`"${"x".repeat(80)}…" (150,000 characters)`);
  expect(named(long)).toBe(`${"x".repeat(80)}… (150,000 characters)`);
  expect(quoted([long])).toBe(`["${"x".repeat(78)}… (150,004 characters)`);
  // A character of two code units is not cut in two.
  expect(named(`${"x".repeat(79)}😀😀`)).toBe(`${"x".repeat(79)}… (83 characters)`);
});

test("what would break the line, colour the terminal or turn the text around is escaped", () => {
  expect(quoted("a\nb\u001b[31m\u0085\u202e")).toBe('"a\\nb\\u001b[31m\\u0085\\u202e"');
  expect(named("a\nb\r\u2028")).toBe("a\\u000ab\\u000d\\u2028");
});

test("of many names the first are listed and the rest is counted", () => {
  expect(listed(["a", "b"])).toBe("a, b");
  expect(listed(Array.from({ length: 25 }, (_, i) => String(i)))).toMatch(/^0, 1, .*, 19 and 5 more$/);
  expect(listed(["y".repeat(200)])).toMatch(/^y{80}… \(200 characters\)$/);
});

test("words of a command are quoted where a shell would take them apart", () => {
  expect(shellWord("runs/skin-64")).toBe("runs/skin-64");
  expect(shellWord("my data")).toBe("'my data'");
  expect(shellWord("it's $HOME")).toBe("'it'\\''s $HOME'");
  expect(shellWord("")).toBe("''");
});
