import { useEffect, useState } from "preact/hooks";
import type { Project } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { followEvents } from "../../follow-events.ts";

/** What is known of the project. */
export interface Followed {
  readonly project: Project | null;
  /** The studio does not answer (`lost`), or its folder cannot be read (`gone`); the browser asks again by itself. */
  readonly broken: "lost" | "gone" | null;
}

/** Follows the project while the component is there. */
export function useProject(): Followed {
  const [state, setState] = useState<Followed>({ project: null, broken: null });
  useEffect(
    () =>
      followEvents(api.urls.projectEvents, (events) => {
        events.onmessage = ({ data }) => setState({ project: JSON.parse(data) as Project, broken: null });
        events.addEventListener("gone", () => setState(({ project }) => ({ project, broken: "gone" })));
        // The stream of a folder that is gone ends too.
        events.onerror = () => setState(({ project, broken }) => ({ project, broken: broken ?? "lost" }));
      }),
    [],
  );
  return state;
}
