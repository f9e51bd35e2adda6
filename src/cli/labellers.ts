import { refuseNonEmpty } from "../data/writer.ts";
import type { Labeller } from "../sample/index.ts";
import type * as Study from "../study/index.ts";
import { type CommandContext, withListeners } from "./command.ts";

/** Of the classifier that labels; loaded where it is asked for. */
export const labellers = (): Promise<typeof Study> => import("../study/index.ts");

/** A run whose images are drawn, and where they go. */
interface Drawing {
  readonly run: Parameters<typeof Study.openRunLabeller>[0];
  readonly out: string;
  /** Whether the sampler asks the classifier. */
  readonly labels: boolean;
  readonly threads: number | undefined;
}

/** Draws with the run's classifier where it is asked for, which may be trained first: a folder that is taken is said before. */
export async function withLabeller<T>(
  { run, out, labels, threads }: Drawing,
  context: CommandContext,
  draw: (labeller: Labeller | undefined) => Promise<T>,
): Promise<T> {
  if (!labels) return draw(undefined);
  await refuseNonEmpty(out);
  const labeller = await (await labellers()).openRunLabeller(run, withListeners(context, { threads }));
  return draw(labeller).finally(() => labeller.close());
}
