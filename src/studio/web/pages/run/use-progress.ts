import { useEffect, useState } from "preact/hooks";
import type { RunProgress } from "../../../api.ts";
import { api } from "../../api-client.ts";
import { followEvents } from "../../follow-events.ts";

export interface ProgressState {
  readonly progress: RunProgress | null;
  /** The stream broke off; the browser asks for it again by itself. */
  readonly broken: boolean;
}

/** What is known after an event of the stream: the first one of a connection says all, later ones only what is new. */
export function withEvent(known: RunProgress | null, event: RunProgress, first: boolean): RunProgress {
  return first || known === null ? event : { ...event, stats: [...known.stats, ...event.stats] };
}

/** Follows a run while the component is there. */
export function useProgress(run: string): ProgressState {
  const [state, setState] = useState<ProgressState>({ progress: null, broken: false });
  useEffect(
    () =>
      followEvents(api.urls.progressEvents(run), (events) => {
        let first = true;
        events.onopen = () => {
          first = true;
        };
        events.onmessage = ({ data }) => {
          const event = JSON.parse(data) as RunProgress;
          const isFirst = first;
          first = false;
          setState(({ progress }) => ({ progress: withEvent(progress, event, isFirst), broken: false }));
        };
        events.onerror = () => setState(({ progress }) => ({ progress, broken: true }));
      }),
    [run],
  );
  return state;
}
