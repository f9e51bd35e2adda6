import { useEffect, useState } from "preact/hooks";
import type { Project } from "../../../project-api.ts";
import { api } from "../../api-client.ts";

/** Follows the project while the component is there. `broken`: the studio does not answer; the browser asks again by itself. */
export function useProject(): { readonly project: Project | null; readonly broken: boolean } {
  const [state, setState] = useState<{ project: Project | null; broken: boolean }>({ project: null, broken: false });
  useEffect(() => {
    const events = new EventSource(api.urls.projectEvents);
    events.onmessage = ({ data }) => setState({ project: JSON.parse(data) as Project, broken: false });
    events.onerror = () => setState(({ project }) => ({ project, broken: true }));
    return () => events.close();
  }, []);
  return state;
}
