import { useEffect, useState } from "preact/hooks";
import type { WatchedStudy } from "../../../api.ts";
import { api } from "../../api-client.ts";
import { followEvents } from "../../follow-events.ts";

export interface WatchState {
  readonly watched: WatchedStudy | null;
  /** The stream broke off; the browser asks for it again by itself. */
  readonly broken: boolean;
}

/** Follows a study while the component is there. */
export function useWatch(study: string): WatchState {
  const [state, setState] = useState<WatchState>({ watched: null, broken: false });
  useEffect(
    () =>
      followEvents(api.urls.watchEvents(study), (events) => {
        events.onmessage = ({ data }) => setState({ watched: JSON.parse(data) as WatchedStudy, broken: false });
        events.onerror = () => setState(({ watched }) => ({ watched, broken: true }));
      }),
    [study],
  );
  return state;
}
