// Every field of a form is an option or argument of its command, under the same name and of values that the command takes.
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { commands } from "../src/cli/commands.ts";
import { ACCEPTABLE } from "../src/release/accepted.ts";
import { fieldsOf, JOB_COMMANDS } from "../src/studio/job-forms.ts";

describe.each(JOB_COMMANDS)("the form of %s", (name) => {
  const declared = async () => {
    const command = new Command(name);
    (await commands.find((entry) => entry.name === name)!.load()).configure(command);
    return command;
  };

  test("has the command's own flags, each once, and its arguments in order", async () => {
    const command = await declared();
    const shared = ["--seed"];
    const flags = fieldsOf(name).flatMap(({ flag }) => flag ?? []);
    expect(new Set(flags).size).toBe(flags.length);
    const known = [...command.options.map(({ long }) => long), ...shared];
    for (const flag of flags) expect(known).toContain(flag);
    const positional = fieldsOf(name).filter(({ flag }) => flag === null);
    expect(positional.length).toBe(command.registeredArguments.length);
    // A flag without a value is a switch, and no other field is one.
    for (const field of fieldsOf(name)) {
      const option = command.options.find(({ long }) => long === field.flag);
      if (option !== undefined) expect(option.isBoolean(), field.name).toBe(field.kind === "switch");
    }
  });

  test("asks for whatever the command requires", async () => {
    const command = await declared();
    const required = command.options.filter(({ mandatory, defaultValue }) => mandatory && defaultValue === undefined);
    for (const { long } of required) {
      expect(fieldsOf(name).find(({ flag }) => flag === long)?.required, long ?? "").toBe(true);
    }
  });
});

test("a field of one name is of one kind in every form: its title and hint are the same", () => {
  const kinds = new Map<string, Set<string>>();
  for (const field of JOB_COMMANDS.flatMap((name) => fieldsOf(name))) {
    const kind = field.kind === "input" ? `${field.kind} ${field.of}` : field.kind;
    kinds.set(field.name, (kinds.get(field.name) ?? new Set()).add(kind));
  }
  expect([...kinds].filter(([, all]) => all.size > 1)).toEqual([]);
});

test("what a release may be accepted in spite of is what the gate knows", () => {
  const accept = fieldsOf("release").find(({ name }) => name === "accept")!;
  expect(ACCEPTABLE).toEqual(expect.arrayContaining("options" in accept ? [...accept.options] : []));
});
