import { useEffect, useState } from "preact/hooks";
import type { Project } from "../../../project-api.ts";
import { api } from "../../api-client.ts";

/** What is known of the project. */
export interface Followed {
  readonly project: Project | null;
  /** The studio does not answer (`lost`), or its folder cannot be read (`gone`); the browser asks again by itself. */
  readonly broken: "lost" | "gone" | null;
}

/** Milliseconds after which a refused stream is asked for again. */
const ASK_AGAIN = 3000;

/** Follows the project while the component is there. */
export function useProject(): Followed {
  const [state, setState] = useState<Followed>({ project: null, broken: null });
  useEffect(() => {
    let events: EventSource;
    let again: number | undefined;
    const follow = () => {
      events = new EventSource(api.urls.projectEvents);
      events.onmessage = ({ data }) => setState({ project: JSON.parse(data) as Project, broken: null });
      events.addEventListener("gone", () => setState(({ project }) => ({ project, broken: "gone" })));
      events.onerror = () => {
        // The stream of a folder that is gone ends too.
        setState(({ project, broken }) => ({ project, broken: broken ?? "lost" }));
        // After a reply that is no stream the browser does not ask again by itself.
        if (events.readyState === EventSource.CLOSED) again = window.setTimeout(follow, ASK_AGAIN);
      };
    };
    follow();
    return () => {
      window.clearTimeout(again);
      events.close();
    };
  }, []);
  return state;
}
