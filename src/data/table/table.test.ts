import { describe, expect, test } from "vitest";
import { parseTable } from "./table.ts";

const utf8 = (text: string) => Buffer.from(text, "utf8");
const rowsOf = (bytes: Uint8Array, path = "m.csv") => {
  const { header, rows, problems, notes, lines } = parseTable(bytes, path);
  expect(problems).toEqual([]);
  return { header, rows, notes: notes.join("\n"), lines };
};
const PLAIN = {
  header: ["file", "dx"],
  rows: [
    ["1.png", "nv"],
    ["2.png", "mél"],
  ],
};

describe("encodings", () => {
  const text = "file,dx\n1.png,nv\n2.png,mél\n";
  test.each<[string, Uint8Array, RegExp]>([
    ["UTF-8", utf8(text), /^$/],
    ["UTF-8 with a mark", utf8(`\ufeff${text}`), /^$/],
    ["UTF-16 with a mark", Buffer.from(`\ufeff${text}`, "utf16le"), /UTF-16LE by its mark/],
    ["UTF-16, large end first", Buffer.from(`\ufeff${text}`, "utf16le").swap16(), /UTF-16BE by its mark/],
    ["UTF-16 without a mark", Buffer.from(text, "utf16le"), /UTF-16LE, every second byte/],
    ["Latin-1", Buffer.from(text, "latin1"), /windows-1252 \(Latin-1\), because it is not valid UTF-8/],
  ])("%s", (_, bytes, said) => {
    const { notes, ...grid } = rowsOf(bytes);
    expect(grid).toMatchObject(PLAIN);
    expect(notes).toMatch(said);
  });

  test("bytes that are no text", () => {
    expect(() => parseTable(new Uint8Array([0xff, 1, 2, 3, 0x80]), "m.csv")).toThrow(/m\.csv: this is not text/);
  });
});

describe("separators", () => {
  test.each([
    ["semicolons", "file;dx\n1.png;nv\n2.png;mél\n"],
    ["tabs", "file\tdx\n1.png\tnv\n2.png\tmél\n"],
  ])("%s are found and said", (name, text) => {
    const { notes, ...grid } = rowsOf(utf8(text));
    expect(grid).toMatchObject(PLAIN);
    expect(notes).toContain(`cells are separated by ${name}`);
  });

  test("sep=; of Excel is obeyed, and lines are counted with it", () => {
    expect(rowsOf(utf8("sep=;\nfile;dx\n1.png;nv\n2.png;mél\n"))).toMatchObject({ ...PLAIN, lines: [3, 4] });
  });

  test("a semicolon within cells does not separate, nor do commas within a header of semicolons", () => {
    expect(rowsOf(utf8("file,x_min\n1.png,1;5\n2.png,2;6\n")).rows).toEqual([
      ["1.png", "1;5"],
      ["2.png", "2;6"],
    ]);
    expect(rowsOf(utf8("file;box [x,y,w,h]\n1.png;a\n2.png;b\n")).header).toEqual(["file", "box [x,y,w,h]"]);
  });

  test("decimal commas become points where semicolons separate", () => {
    const { rows, notes } = rowsOf(utf8("file;age;note\n1.png;40,5;a,b\n2.png;41;c\n"));
    expect(rows).toEqual([
      ["1.png", "40.5", "a,b"],
      ["2.png", "41", "c"],
    ]);
    expect(notes).toContain("decimal commas in age");
  });
});

describe("columns without a name, separators at the end", () => {
  test("the index of pandas and empty columns are left out, others get a name", () => {
    const { header, notes } = rowsOf(utf8(",file,,dx,\n0,1.png,q,nv,\n1,2.png,r,mel,\n"));
    expect(header).toEqual(["file", "unnamed_3", "dx"]);
    expect(notes).toMatch(/numbers the rows.*1 empty columns/s);
  });

  test("separators that only rows have", () => {
    expect(rowsOf(utf8("file,dx\n1.png,nv,\n2.png,mél,,\n"))).toMatchObject(PLAIN);
  });

  test("a first column without a name that is no index is kept", () => {
    expect(rowsOf(utf8(",dx\n1.png,nv\n1.png,nv\n")).header).toEqual(["unnamed_1", "dx"]);
  });

  test("equal columns of one name are one, others a problem", () => {
    expect(rowsOf(utf8("file,dx,dx\n1.png,nv,nv\n")).header).toEqual(["file", "dx"]);
    expect(parseTable(utf8("file,dx,dx\n1.png,nv,mel\n"), "m.csv").problems).toMatchObject([{ code: "csv-header" }]);
  });
});

test("JSON lines: keys in their order, arrays of text joined, nested values as JSON, other lines problems", () => {
  const text = '{"file_name":"1.png","labels":["a","b"],"n":1}\n\n{"file_name":"2.png","box":[1,2],"n":null}\n[1]\n';
  const { header, rows, lines, problems } = parseTable(utf8(text), "metadata.jsonl");
  expect(header).toEqual(["file_name", "labels", "n", "box"]);
  expect(rows).toEqual([
    ["1.png", "a|b", "1", ""],
    ["2.png", "", "", "[1,2]"],
  ]);
  expect(lines).toEqual([1, 3]);
  expect(problems).toMatchObject([{ code: "json-line", path: "metadata.jsonl:4" }]);
});
