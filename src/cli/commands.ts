import type { CommandModule } from "./command.ts";

/** One line of `ganglion --help`; the code behind it is loaded only when the command is called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandModule>;
}

/** Every command, in the order of the job. */
export const commands: readonly CommandEntry[] = [
  {
    name: "import",
    summary: "turn images, class folders or an .npz into a dataset",
    load: () => import("./command/import.ts"),
  },
];
