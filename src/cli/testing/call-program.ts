import { type CommandEntry, commands } from "../commands.ts";
import { runProgram } from "../program.ts";

/** Runs a command line as a user does, in this process; what it says comes back. */
export async function callProgram(argv: readonly string[], table: readonly CommandEntry[] = commands) {
  let [out, err] = ["", ""];
  const write = (text: string) => {
    err += text;
  };
  const code = await runProgram(argv, table, {
    out: (text) => {
      out += text;
    },
    err: write,
    version: "0.0.0",
    progress: { stream: { write } },
  });
  return { code, out, err };
}
