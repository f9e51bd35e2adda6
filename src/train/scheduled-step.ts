/** Which graph of a family's `stepGraphs` a step runs, and its scalars by the names of the graph's inputs. */
export interface ScheduledStep {
  readonly graph: number;
  readonly scalars: Readonly<Record<string, number>>;
}
