import { expect, test } from "vitest";
import { z } from "zod";
import { schemaProblems, schemaText } from "./schema-problems.ts";

const schema = z.strictObject({
  name: z.string().min(2).max(4).optional(),
  count: z.int().min(1).max(9).optional(),
  share: z.number().gt(0).lt(1).optional(),
  step: z.number().multipleOf(4).optional(),
  on: z.boolean().optional(),
  kind: z.enum(["network", "probe"]).optional(),
  format: z.literal("ganglion/1").optional(),
  list: z.array(z.string()).min(1).max(2).optional(),
  box: z.tuple([z.string(), z.string()]).optional(),
  code: z.string().regex(/^x/, "begin with x").optional(),
  plain: z.string().regex(/^y/).optional(),
  day: z.iso.date().optional(),
  url: z.url().optional(),
  ratio: z.union([z.number().positive(), z.literal("balance")]).optional(),
  table: z.record(z.string().regex(/^[a-z]+$/, "lower-case letters"), z.strictObject({ epochs: z.int() })).optional(),
  from: z
    .discriminatedUnion("from", [
      z.strictObject({ from: z.literal("train"), images: z.int() }),
      z.strictObject({ from: z.literal("run"), run: z.string() }),
    ])
    .optional(),
  odd: z
    .number()
    .refine((value) => value % 2 === 1, "give an odd number")
    .optional(),
});

const said = (value: unknown) => {
  const parsed = schema.safeParse(value);
  if (parsed.success) throw new Error("the value fits");
  return schemaText(schema, parsed.error, value, "field");
};

test.each([
  [{ name: 7 }, "name: found 7; write text in double quotes"],
  [{ name: "x" }, 'name: found "x"; write text of at least 2 characters'],
  [{ name: "abcde" }, 'name: found "abcde"; write text of at most 4 characters'],
  [{ count: 1.5 }, "count: found 1.5; write a whole number"],
  [{ count: 0 }, "count: found 0; give a number at least 1"],
  [{ count: 10 }, "count: found 10; give a number at most 9"],
  [{ share: 1 }, "share: found 1; give a number below 1"],
  [{ share: 0 }, "share: found 0; give a number above 0"],
  [{ step: 3 }, "step: found 3; give a multiple of 4"],
  [{ on: "yes" }, 'on: found "yes"; write true or false'],
  [{ kind: "net" }, 'kind: found "net"; write one of "network", "probe"'],
  [{ format: null }, 'format: found null; write "ganglion/1"'],
  [{ list: "a" }, 'list: found "a"; write a list [...]'],
  [{ list: [] }, "list: found []; give a list of at least 1 entry"],
  [{ list: ["a", 2] }, "list.1: found 2; write text in double quotes"],
  [{ box: ["a"] }, 'box: found ["a"]; give a list of at least 2 entries'],
  [{ code: "a" }, 'code: found "a"; begin with x'],
  [{ plain: "a" }, 'plain: found "a"; write text of the form /^y/'],
  [{ day: "1.2.2020" }, 'day: found "1.2.2020"; write a day as YYYY-MM-DD'],
  [{ url: "there" }, 'url: found "there"; write an address that begins with https://'],
  [{ ratio: "all" }, 'ratio: found "all"; write a number, or "balance"'],
  [{ table: { A: { epochs: 1 } } }, 'table.A: the key "A" cannot be used: lower-case letters'],
  [
    { table: { a: { epoch: 1, epochs: 1 } } },
    'table.a.epoch: there is no key "epoch", perhaps "epochs" is meant; correct or remove it; the keys are epochs',
  ],
  [{ table: { a: {} } }, "table.a.epochs: nothing is there; write a number"],
  [{ from: { from: "file" } }, 'from.from: found "file"; write one of "train", "run"'],
  [{ from: { from: "train" } }, "from.images: nothing is there; write a number"],
  [{ odd: 2 }, "odd: found 2; give an odd number"],
  [null, "(whole file): found null; write an object {...}"],
])("%j", (value, message) => {
  expect(said(value)).toBe(message);
});

test("a wrong key is shown with the one that was meant, all keys are listed, and long ones are shortened", () => {
  expect(said({ cuont: 1 })).toMatch(
    /^cuont: there is no key "cuont", perhaps "count" is meant; .* the keys are name, count,/,
  );
  expect(said({ zzzzzzzz: 1 })).toMatch(/^zzzzzzzz: there is no key "zzzzzzzz"; correct or remove it/);
  const long = said({ ["k".repeat(150_000)]: "v".repeat(150_000), name: "w".repeat(150_000) });
  expect(long).toContain("(150,000 characters)");
  expect(long.length).toBeLessThan(1000);
});

test("every problem is said", () => {
  const value = { name: 1, count: "a" };
  const error = schema.safeParse(value).error!;
  expect(schemaProblems(schema, error, value, "field").map(({ code, path }) => [code, path])).toEqual([
    ["field", "name"],
    ["field", "count"],
  ]);
});
