import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatCsvRow, formatSheetRow, parseCsv } from "./csv.ts";

describe("csv", () => {
  test("quotes, commas, line ends and a byte order mark within RFC 4180", () => {
    const table = parseCsv('\ufeffa,b\r\n"x,""y""","1\n2"\r\n\r\nz,\r\n', "m.csv");
    expect(table.header).toEqual(["a", "b"]);
    expect(table.rows).toEqual([
      ['x,"y"', "1\n2"],
      ["z", ""],
    ]);
    expect(table.lines).toEqual([2, 5]);
    expect(table.problems).toEqual([]);
  });

  test("what is written reads back the same, whatever the cells hold", () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('"', ",", "\n", "\r\n", " a ", "", "\ufeff"));
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { maxLength: 6 }), (rows) => {
        const text = [["a", "b", "c"], ...rows].map(formatCsvRow).join("");
        const table = parseCsv(text, "m.csv");
        expect(table.problems).toEqual([]);
        expect(table.rows).toEqual(rows);
      }),
      { numRuns: 1500 },
    );
  });

  test("a row for a spreadsheet has no formula in it; numbers stay numbers", () => {
    const texts = ["=1+1", "+1", "-cmd", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uFF1D1", "a=1", "", "2024-05-01"];
    const { rows } = parseCsv(`${formatSheetRow(texts.map((_, i) => `c${i}`))}${formatSheetRow(texts)}`, "t.csv");
    expect(rows[0]).toEqual([...texts.slice(0, 8).map((text) => `'${text}`), ...texts.slice(8)]);
    expect(formatSheetRow([-1.5, 0, 2e-7, "-1.5"])).toBe("-1.5,0,2e-7,'-1.5\n");
  });

  test("rows of another length are named by their line and left out", () => {
    const table = parseCsv('a,b\n1,2,3\n"x\ny",2\n4\n', "m.csv");
    expect(table.rows).toEqual([["x\ny", "2"]]);
    expect(table.problems.map((p) => [p.code, p.path])).toEqual([
      ["csv-ragged", "m.csv:2"],
      ["csv-ragged", "m.csv:5"],
    ]);
    expect(table.problems[0]!.message).toContain("3 cells where the header has 2 columns");
  });

  test("open quotes, stray text, doubled and empty names are problems", () => {
    const codes = (text: string) => parseCsv(text, "m.csv").problems.map((p) => `${p.code}@${p.path}`);
    expect(codes('a\n"x')).toEqual(["csv-quote@m.csv:2"]);
    expect(codes('a\n"x"y\n')).toEqual(["csv-quote@m.csv:2"]);
    expect(codes("a,a\n")).toEqual(["csv-header@m.csv:1"]);
    expect(codes("a,\n")).toEqual(["csv-header@m.csv:1"]);
    expect(codes("")).toEqual(["csv-empty@m.csv"]);
  });

  test("any text ends in a table and problems, never in an exception", () => {
    const piece = fc.constantFrom('"', '""', ",", "\n", "\r", "a", "\0", " ", "é", "file_name");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 60 }).map((p) => p.join("")),
        ),
        (text) => {
          const table = parseCsv(text, "m.csv");
          expect(table.rows.every((row) => row.length === table.header.length)).toBe(true);
          expect(table.lines).toHaveLength(table.rows.length);
        },
      ),
      { numRuns: 4000 },
    );
  });
});
