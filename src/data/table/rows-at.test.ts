import { expect, test } from "vitest";
import { rowsAt } from "./rows-at.ts";
import { parseTable } from "./table.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("rows are found by their lines, also those with too few or too many cells", () => {
  const text = 'file_name,label\na.png,"two\nlines"\nb.png\nc.png,x,more\n';
  const found = rowsAt(bytes(text), "metadata.csv", new Set([1, 2, 4, 5, 9]));
  expect([...found.keys()]).toEqual([2, 4, 5]);
  expect(found.get(2)).toEqual([
    { column: "file_name", cell: "a.png" },
    { column: "label", cell: "two\nlines" },
  ]);
  expect(found.get(4)).toEqual([
    { column: "file_name", cell: "b.png" },
    { column: "label", cell: "" },
  ]);
  expect(found.get(5)!.at(-1)).toEqual({ column: "", cell: "more" });
});

test("a stated separator takes a line of its own, and JSON lines are rows too", () => {
  expect(rowsAt(bytes("sep=;\nfile_name;label\na.png;x\n"), "t.csv", new Set([3])).get(3)![1]).toEqual({
    column: "label",
    cell: "x",
  });
  const lines = '{"file_name": "a.png"}\nno object\n{"file_name": "b.png", "label": 3}\n';
  const found = rowsAt(bytes(lines), "t.jsonl", new Set([2, 3]));
  expect([...found.keys()]).toEqual([3]);
  expect(found.get(3)![1]).toEqual({ column: "label", cell: "3" });
});

test("a row whose quote never closes is found at that quote, after a line that states the separator too", () => {
  const found = rowsAt(bytes('file_name,label\na.png,x\nb.png,"y\nc.png,z\n'), "t.csv", new Set([3, 4]));
  expect([...found]).toEqual([
    [
      3,
      [
        { column: "file_name", cell: "b.png" },
        { column: "label", cell: "y\nc.png,z\n" },
      ],
    ],
  ]);
  const text = 'sep=;\nfile_name;label\nb.png;"y\n';
  expect(parseTable(bytes(text), "t.csv").problems).toMatchObject([{ code: "csv-quote", path: "t.csv:3" }]);
  expect([...rowsAt(bytes(text), "t.csv", new Set([3])).keys()]).toEqual([3]);
});
