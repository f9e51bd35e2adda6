import { basename, dirname } from "node:path";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { orMissing, readJsonInside, writeJsonInside } from "../../core/inside-folder.ts";

const ledgerSchema = z.object({
  format: z.literal("ganglion.privacy/1"),
  /** Private steps begun so far over all sittings, those lost to a crash included. */
  stepsBegun: z.int().nonnegative(),
});

/**
 * Counts private steps before they are made, in a file of its own: a step whose result was lost has been seen all the same,
 * so that going back to an older checkpoint gives no budget back.
 */
export class PrivacyLedger {
  readonly #path: string | null;
  #begun: number;

  private constructor(path: string | null, begun: number) {
    this.#path = path;
    this.#begun = begun;
  }

  /** In memory only, for steps on made-up images. */
  static unwritten(): PrivacyLedger {
    return new PrivacyLedger(null, 0);
  }

  /**
   * @param stepsDone Steps of the state that training goes on from.
   * @throws GanglionError `run` when the file is gone or counts fewer steps than that state has
   */
  static async open(path: string, stepsDone: number): Promise<PrivacyLedger> {
    const begun = await readStepsBegun(path);
    if (begun < stepsDone) {
      const message = `${path} counts ${begun} private steps and the checkpoint has ${stepsDone}: the privacy spent is no longer known; restore the file, or train again in another folder`;
      throw new GanglionError("run", message);
    }
    return new PrivacyLedger(path, begun);
  }

  get stepsBegun(): number {
    return this.#begun;
  }

  /** Call before each step. */
  async begin(): Promise<void> {
    this.#begun++;
    if (this.#path !== null)
      await writeJsonInside(dirname(this.#path), basename(this.#path), {
        format: "ganglion.privacy/1",
        stepsBegun: this.#begun,
      });
  }
}

/** Steps that a ledger counts; 0 where there is none. @throws GanglionError `run` when it is damaged */
export async function readStepsBegun(path: string): Promise<number> {
  const stated = await orMissing(readJsonInside(dirname(path), basename(path)));
  if (stated === null) return 0;
  const parsed = ledgerSchema.safeParse(stated);
  if (parsed.success) return parsed.data.stepsBegun;
  throw new GanglionError("run", `${path} does not record how many private steps were started; restore it from a copy`);
}
