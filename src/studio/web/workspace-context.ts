import { createContext } from "preact";
import { useContext, useEffect } from "preact/hooks";
import type { Workspace } from "../api.ts";

const ReloadContext = createContext<() => void>(() => undefined);
export const ReloadProvider = ReloadContext.Provider;
/** Asks again for what there is, after something was added to it. */
export const useWorkspaceReload = (): (() => void) => useContext(ReloadContext);

const WorkspaceContext = createContext<Workspace | null>(null);
export const WorkspaceProvider = WorkspaceContext.Provider;

/** What was opened; only below a {@link WorkspaceProvider}. */
export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (workspace === null) throw new Error("internal: the workspace is read outside of its provider");
  return workspace;
}

/** How often a page looks again for what it shows, in milliseconds. */
const LOOK_AGAIN = 2000;

/** Asks anew what is there while the component, which has nothing to show, is there: a job may make it at any moment. */
export function useLookAgain(): void {
  const reload = useWorkspaceReload();
  useEffect(() => {
    reload();
    const timer = setInterval(reload, LOOK_AGAIN);
    return () => clearInterval(timer);
  }, [reload]);
}
