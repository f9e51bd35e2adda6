import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { failure } from "../core/testing/fixtures.ts";
import { commands } from "./commands.ts";
import { oneOf, parseOptions } from "./options.ts";

describe("the schema of a command", () => {
  test.each(commands.map(({ name }) => name))("%s has every option that it declares, and no other", async (name) => {
    const command = new Command(name);
    const { configure, options } = await import(`./command/${name}.ts`);
    configure(command);
    // `--grow` and `--no-grow` are one option.
    const declared = new Set(command.options.map((option) => option.attributeName()));
    expect(Object.keys(options.shape).sort()).toEqual([...declared].sort());
  });

  test.each(commands.map(({ name }) => name))("%s takes what commander gives where no option is set", async (name) => {
    const command = new Command(name);
    const { configure, options } = await import(`./command/${name}.ts`);
    configure(command);
    const required = command.options.filter(({ mandatory }) => mandatory).map((option) => option.attributeName());
    const text = Object.fromEntries(required.map((option) => [option, option === "synthetic" ? ["x"] : "x"]));
    const single = name === "audit" ? { synthetic: "x" } : {};
    expect(options.safeParse({ ...command.opts(), ...text, ...single }).success).toBe(true);
  });
});

describe("parseOptions", () => {
  const schema = z.object({ mapKind: oneOf(["box", "mask"]).optional(), threads: z.number() });

  test("gives what the schema knows, without the options that all commands share", () => {
    expect(parseOptions(schema, { mapKind: "box", threads: 2, seed: 1, json: true })).toEqual({
      mapKind: "box",
      threads: 2,
    });
  });

  test("names the option, its value and the remedy", async () => {
    const error = await failure((async () => parseOptions(schema, { mapKind: "cone", threads: 2 }))());
    expect([error.code, error.message]).toEqual(["usage", "--map-kind cone: use one of box, mask"]);
  });
});
