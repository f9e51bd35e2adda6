import { describe, expect, test } from "vitest";
import { GanglionError, throwIfProblems } from "../core/errors.ts";
import type { CommandContext, CommandModule } from "./command.ts";
import type { CommandEntry } from "./commands.ts";
import { type ProgramIo, runProgram } from "./program.ts";

/** A table of two commands: `grow` calls what the test gives, `shrink` must never be loaded. */
function tableOf(run: CommandModule["run"]): CommandEntry[] {
  const grow: CommandModule = {
    configure: (command) =>
      command
        .argument("<source>", "where from")
        .argument("[more...]")
        .option("--size <N>", "how large")
        .addHelpText("after", "\nExamples:\n  ganglion grow a --size 3"),
    run,
  };
  return [
    { name: "grow", summary: "make larger", load: async () => grow },
    { name: "shrink", summary: "make smaller", load: () => Promise.reject(new Error("loaded without need")) },
  ];
}

async function call(argv: string[], run: CommandModule["run"] = async () => ({ json: {}, text: "" }), io?: object) {
  let out = "";
  let err = "";
  const program: ProgramIo = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    version: "1.2.3",
    progress: {
      stream: {
        write: (text: string) => {
          err += text;
        },
      },
    },
    ...io,
  };
  const code = await runProgram(argv, tableOf(run), program);
  return { code, out, err };
}

describe("help", () => {
  test("lists every command in one line each, loading none", async () => {
    const { code, out, err } = await call(["--help"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/grow .*make larger\n.*shrink .*make smaller\n/);
  });

  test("of a command shows its options, the shared ones and examples, loading only it", async () => {
    for (const argv of [
      ["grow", "--help"],
      ["help", "grow"],
    ]) {
      const { code, out } = await call(argv);
      expect(code).toBe(0);
      for (const part of ["--size <N>", "--json", "--seed <N>", "--quiet", "Examples:", "ganglion grow a --size 3"])
        expect(out).toContain(part);
    }
  });

  test("is what no words at all get, as wrong usage; the version has its flag", async () => {
    expect(await call([])).toMatchObject({ code: 2, out: "", err: expect.stringContaining("Usage: ganglion") });
    expect(await call(["--version"])).toEqual({ code: 0, out: "1.2.3\n", err: "" });
  });
});

describe("a command", () => {
  test("gets arguments, options, seed, and its text goes to stdout", async () => {
    let got: unknown;
    const run: CommandModule["run"] = async (args, options, context) => {
      got = { args, size: options.size, seed: context.seed };
      return { json: {}, text: "grown\n" };
    };
    expect(await call(["grow", "a", "b", "c", "--size", "3", "--seed", "42"], run)).toEqual({
      code: 0,
      out: "grown\n",
      err: "",
    });
    expect(got).toEqual({ args: ["a", "b", "c"], size: "3", seed: 42 });
    await call(["grow", "a"], run);
    expect(got).toEqual({ args: ["a"], size: undefined, seed: 0 });
  });

  const talk: CommandModule["run"] = async (_, __, context) => {
    context.note("guessed the label");
    context.progress({ stage: "grow", done: 1, total: 1, unit: "images" });
    return { json: { grown: 1 }, text: "grown" };
  };

  test("with --json prints one object on stdout, progress and notes on stderr", async () => {
    const { out, err } = await call(["grow", "a", "--json"], talk);
    expect(JSON.parse(out)).toEqual({ grown: 1 });
    expect(err).toBe("guessed the label\ngrow  1/1 images\n");
  });

  test("with --quiet leaves stderr empty", async () => {
    expect(await call(["grow", "a", "--quiet"], talk)).toEqual({ code: 0, out: "grown\n", err: "" });
  });

  test("is told of Ctrl-C only through the signal it asks for", async () => {
    let asked = 0;
    const stop = new AbortController();
    const io = {
      signal: () => {
        asked++;
        return stop.signal;
      },
    };
    await call(["grow", "a"], async () => ({ json: {}, text: "" }), io);
    expect(asked).toBe(0);
    let context: CommandContext | undefined;
    await call(
      ["grow", "a"],
      async (_, __, given) => {
        context = given;
        return { json: {}, text: String(given.signal.aborted) };
      },
      io,
    );
    expect(context?.signal).toBe(stop.signal);
  });
});

describe("wrong usage exits with 2 and one line that helps", () => {
  test.each([
    [["grwo", "a"], "ganglion: unknown command 'grwo' (Did you mean grow?); `ganglion --help` shows the usage\n"],
    [["grow", "a", "--sise", "3"], "ganglion: unknown option '--sise' (Did you mean --size?); `ganglion grow --help`"],
    [["grow"], "ganglion: missing required argument 'source'; `ganglion grow --help`"],
    [["grow", "a", "--size"], "option '--size <N>' argument missing; `ganglion grow --help`"],
    [["grow", "a", "--seed", "-1"], "Give a whole number, 0 or more; `ganglion grow --help`"],
    [["grow", "a", "--seed", "1.5"], "Give a whole number"],
    [["grow", "a", "--seed", "9007199254740993"], "Give a whole number"],
    [["--nothing"], "unknown option '--nothing'"],
    [["help", "grwo"], "unknown command 'grwo' (Did you mean grow?)"],
    [["grwo", "--help"], "unknown command 'grwo' (Did you mean grow?)"],
    [["__proto__"], "unknown command '__proto__'"],
  ])("%j", async (argv, said) => {
    const { code, out, err } = await call(argv);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(said);
    expect(err.trimEnd()).not.toContain("\n");
  });

  test("as JSON on stdout with --json", async () => {
    const { code, out, err } = await call(["grow", "--json"]);
    expect([code, err]).toEqual([2, ""]);
    expect(JSON.parse(out)).toEqual({
      error: { code: "usage", message: expect.stringContaining("missing required argument"), problems: [] },
    });
  });
});

describe("errors", () => {
  const problems = [{ code: "missing-image", path: "metadata.csv:2", message: "a.png is missing" }];
  const failing = (error: unknown): CommandModule["run"] => {
    return () => Promise.reject(error);
  };

  test("of ours are text without a stack, with the exit code of their kind", async () => {
    const refused = await call(["grow", "a"], failing(new GanglionError("refused", "copies found")));
    expect(refused).toEqual({ code: 3, out: "", err: "ganglion: copies found\n" });
    const dataset = await call(["grow", "a"], async () => {
      throwIfProblems("dataset", "cannot read a", problems);
      return { json: {}, text: "" };
    });
    expect(dataset).toMatchObject({ code: 1, err: expect.stringContaining("metadata.csv:2: a.png is missing") });
    expect(dataset.err).not.toContain("program.test");
    expect((await call(["grow", "a"], failing(new GanglionError("usage", "size is too large")))).code).toBe(2);
  });

  test("with --json carry code, message and problems", async () => {
    const error = new GanglionError("dataset", "cannot read a", { problems });
    const { code, out, err } = await call(["grow", "a", "--json"], failing(error));
    expect([code, err]).toEqual([1, ""]);
    expect(JSON.parse(out)).toEqual({ error: { code: "dataset", message: "cannot read a", problems } });
  });

  test("of no known kind are called ours and ask for a report; the stack needs debugging", async () => {
    const plain = await call(["grow", "a"], failing(new TypeError("x is not a function")));
    expect(plain.code).toBe(1);
    expect(plain.err).toContain("internal: TypeError: x is not a function");
    expect(plain.err).toContain("report");
    expect(plain.err).not.toContain("program.test");
    const debug = await call(["grow", "a"], failing(new TypeError("x is not a function")), { debug: true });
    expect(debug.err).toContain("program.test");
    expect((await call(["grow", "a"], failing("a string"))).err).toContain("internal: a string");
  });

  test("cannot carry control characters to the terminal", async () => {
    const { err } = await call(["grow", "a"], failing(new GanglionError("image", "bad file \x1b[2Jx.png")));
    expect(err).toBe("ganglion: bad file ?[2Jx.png\n");
  });
});

test("no password of an address is shown, whoever says it", async () => {
  const address = "redis://:geheim@queue.lan";
  const fail = () => Promise.reject(new GanglionError("run", `cannot use ${address}`));
  const warn: CommandModule["run"] = async (_, __, context) => {
    context.note(`a note on ${address}`);
    context.warn(`a warning of ${address}`);
    throwIfProblems("usage", "wrong", [{ code: "x", path: "queue", message: `${address} is wrong` }]);
    return { json: {}, text: "" };
  };
  const unexpected = () => Promise.reject(new TypeError(`cannot read ${address}`));
  for (const run of [fail, warn, unexpected]) {
    for (const words of [[], ["--json"], ["--quiet"]]) {
      const { out, err } = await call(["grow", "a", ...words], run, { debug: true });
      expect(out + err).toContain("redis://***@queue.lan");
      expect(out + err).not.toContain("geheim");
    }
  }
  const { err } = await call(["grow", "a", `--siz=${address}`]);
  expect(err).toContain("unknown option");
  expect(err).not.toContain("geheim");
});
