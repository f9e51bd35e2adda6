import { expect, test } from "vitest";
import { parseJson } from "./files.ts";

test("text that is no JSON is said in one line, whatever lines it has", () => {
  expect(() => parseJson("hello\nworld\n", "study.json")).toThrow(/^study\.json is not valid JSON: [^\n]+$/);
});
