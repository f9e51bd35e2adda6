import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../core/hash.ts";
import { listFiles } from "../../core/list-files.ts";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { parseCsv } from "../../data/index.ts";
import { CONFIG, PER_CLASS, releaseCase, writeCase, writeMapCase } from "../testing/case.ts";

// The rules of mlcommons.org/croissant/1.0, by section: what is required, what refers to what, what is where.

type Node = { [key: string]: unknown };
let folder: string;
const described: Record<string, Node> = {};

beforeAll(async () => {
  folder = await temporaryFolder();
  const config = { ...CONFIG, creator: "A clinic", url: "https://example.org/set", date: "2026-01-02" };
  for (const [name, write] of [
    ["noise", writeCase],
    ["maps", writeMapCase],
  ] as const) {
    await write(join(folder, name));
    await releaseCase(join(folder, name), { out: join(folder, name, "out"), config });
    described[name] = JSON.parse(await readFile(join(folder, name, "out", "croissant.json"), "utf8"));
  }
});

/** Every object of a description, the context left out. */
function nodes(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(nodes);
  if (typeof value !== "object" || value === null) return [];
  const own = value as Node;
  return [own, ...Object.entries(own).flatMap(([key, item]) => (key === "@context" ? [] : nodes(item)))];
}
const typed = (root: Node, type: string) => nodes(root).filter((node) => node["@type"] === type);
const isReference = (node: Node) => Object.keys(node).join() === "@id";
const text = (node: Node, key: string) => node[key] as string;

/** Terms of schema.org that a description uses without a prefix: they are words of `@vocab`. */
const SCHEMA_ORG = new Set(
  "name description license url creator datePublished version keywords distribution contentUrl contentSize encodingFormat sha256".split(
    " ",
  ),
);

describe.each(["noise", "maps"])("the description of a set of %s", (set) => {
  const root = () => described[set]!;
  const at = (path: string) => join(folder, set, "out", path);

  test("has what the format requires of a dataset", () => {
    expect(root()).toMatchObject({
      "@type": "sc:Dataset",
      conformsTo: "http://mlcommons.org/croissant/1.0",
      license: "https://creativecommons.org/publicdomain/zero/1.0/",
      url: "https://example.org/set",
      creator: { "@type": "sc:Organization", name: "A clinic" },
      datePublished: "2026-01-02",
    });
    expect(text(root(), "name")).toMatch(/^ganglion-[0-9a-f]{8}$/);
    expect(text(root(), "description").length).toBeGreaterThan(20);
    expect(text(root(), "version")).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test("uses no term that its context or schema.org does not define", () => {
    const context = root()["@context"] as Record<string, unknown>;
    expect(context).toMatchObject({
      "@vocab": "https://schema.org/",
      cr: "http://mlcommons.org/croissant/",
      sc: "https://schema.org/",
    });
    const prefixes = new Set(
      Object.entries(context).flatMap(([key, to]) => (/^http.*[/#]$/.test(String(to)) ? [key] : [])),
    );
    const known = (term: string) =>
      Object.hasOwn(context, term) || SCHEMA_ORG.has(term) || prefixes.has(term.split(":")[0]!);
    const used = nodes(root()).flatMap((node) => Object.keys(node).filter((key) => !key.startsWith("@")));
    expect([...new Set(used)].filter((term) => !known(term))).toEqual([]);
    const types = nodes(root())
      .flatMap(({ "@type": type, dataType }) => [type, dataType].flat())
      .filter((type) => type !== undefined);
    expect(types.filter((type) => !prefixes.has(String(type).split(":")[0]!))).toEqual([]);
    const values = Object.values(context).flatMap((to) =>
      typeof to === "string" ? [to] : [String((to as Node)["@id"])],
    );
    for (const to of values) expect(to).toMatch(/^(en$|https?:\/\/|cr:|dct:|sc:)/);
  });

  test("names every object once, and refers to nothing that is not there", () => {
    const ids = nodes(root())
      .filter((node) => "@id" in node && !isReference(node))
      .map((node) => text(node, "@id"));
    expect(new Set(ids).size).toBe(ids.length);
    const references = nodes(root())
      .filter(isReference)
      .map((node) => text(node, "@id"));
    expect(references.length).toBeGreaterThan(5);
    expect(references.filter((id) => !ids.includes(id))).toEqual([]);
    for (const record of typed(root(), "cr:RecordSet")) {
      for (const field of record.field as Node[]) expect(text(field, "@id")).toBe(`${record["@id"]}/${field.name}`);
      expect((record.field as Node[]).map((field) => field["@id"]!)).toContain((record.key as Node)["@id"]);
    }
  });

  test("gives every file its size and its sum", async () => {
    const files = typed(root(), "cr:FileObject");
    expect(files).toHaveLength(set === "maps" ? 2 : 1);
    for (const file of files) {
      const path = at(text(file, "contentUrl"));
      expect(file.sha256).toBe(sha256(await readFile(path)));
      expect(file.contentSize).toBe(`${(await stat(path)).size} B`);
      expect(text(file, "encodingFormat")).toMatch(/^[a-z]+\/[a-z]+$/);
    }
  });

  test("has sets of files that hold all pictures, and fields whose columns and paths exist", async () => {
    const names = (await listFiles(at(""))).map(({ name }) => name);
    const pictures = typed(root(), "cr:FileSet").map((files) => {
      const glob = text(files, "includes").replaceAll(".", "\\.").replaceAll("*", "[^/]+");
      return [text(files, "@id"), names.filter((name) => new RegExp(`^${glob}$`).test(name))] as const;
    });
    expect(pictures.map(([, found]) => found.length)).toEqual(
      set === "maps" ? [2 * PER_CLASS, 2 * PER_CLASS] : [2 * PER_CLASS],
    );
    expect(pictures.flatMap(([, found]) => found).sort()).toEqual(names.filter((name) => name.endsWith(".png")).sort());

    const { header, rows } = parseCsv(await readFile(at("data/metadata.csv"), "utf8"), "metadata.csv");
    const cells = (column: string) => rows.map((row) => row[header.indexOf(column)]!);
    for (const field of typed(root(), "cr:Field")) {
      const source = field.source as {
        fileObject?: Node;
        fileSet?: Node;
        field?: Node;
        extract: Node;
        transform?: Node;
      };
      if (source.field !== undefined) continue;
      if (source.fileObject !== undefined) {
        expect(header).toContain(source.extract.column);
        if (field.dataType === "sc:Integer")
          for (const value of cells(text(source.extract, "column"))) expect(value).toMatch(/^-?\d+$/);
        continue;
      }
      expect(["content", "fullpath"]).toContain(source.extract.fileProperty);
      if (source.transform === undefined) continue;
      // A join: what the expression makes of a path is the cell of the column that is referred to.
      const [, found] = pictures.find(([id]) => id === source.fileSet?.["@id"]) ?? ["", []];
      const column = text((field.references as { field: Node }).field, "@id").replace("table/", "");
      const joined = found.map((name) => new RegExp(text(source.transform as Node, "regex")).exec(name)?.[1]);
      expect(joined.sort()).toEqual(cells(column).sort());
    }
    const columns = typed(root(), "cr:RecordSet")[0]!.field as Node[];
    expect(columns.map(({ name }) => name)).toEqual(header);
  });
});

test("what the format requires and nobody stated is said, not invented", async () => {
  const made = await releaseCase(join(folder, "noise"), { out: join(folder, "bare") });
  expect(made.notes).toContain(
    "croissant.json lacks what Croissant 1.0 requires: state creator, url, date in --config",
  );
  const bare = JSON.parse(await readFile(join(folder, "bare", "croissant.json"), "utf8"));
  for (const key of ["creator", "url", "datePublished"]) expect(Object.keys(bare)).not.toContain(key);
});
