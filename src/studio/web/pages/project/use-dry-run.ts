import { useEffect, useState } from "preact/hooks";
import type { FieldValue, JobCommand } from "../../../job-forms.ts";
import type { DryRun } from "../../../project-api.ts";
import { api } from "../../api-client.ts";

export interface Forecast {
  readonly answer: DryRun | null;
  /** Why there is no answer. */
  readonly failed: string | null;
}

const NOTHING: Forecast = { answer: null, failed: null };
/** Rest after a change before a command is asked, in milliseconds. */
const REST = 500;

/**
 * Asks a command what it would do with each of some forms, in order, one at a time; a form that was answered is not asked again.
 * @param forms Null where a form is not ready to be asked.
 * @returns forecasts in the order of the forms
 */
export function useDryRuns(
  command: JobCommand,
  forms: readonly (Readonly<Record<string, FieldValue | undefined>> | null)[],
): readonly Forecast[] {
  const [known, setKnown] = useState<ReadonlyMap<string, Forecast>>(new Map());
  const keys = forms.map((form) => (form === null ? "" : JSON.stringify(form)));
  const wanted = keys.join("\n");
  useEffect(() => {
    const ending = new AbortController();
    const ask = async () => {
      await new Promise((resolve) => setTimeout(resolve, REST));
      for (const key of keys) {
        if (ending.signal.aborted) return;
        if (key === "" || known.has(key)) continue;
        const found = await api
          .dryRun({ command, values: JSON.parse(key) as Record<string, FieldValue> }, ending.signal)
          .then(
            (answer): Forecast => ({ answer, failed: null }),
            (error: Error): Forecast => ({ answer: null, failed: error.message }),
          );
        if (!ending.signal.aborted) setKnown((before) => new Map(before).set(key, found));
      }
    };
    void ask();
    return () => ending.abort();
    // What is known is not asked again when it becomes known.
  }, [command, wanted]);
  return keys.map((key) => known.get(key) ?? NOTHING);
}
