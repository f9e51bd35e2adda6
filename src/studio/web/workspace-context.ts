import { createContext } from "preact";
import { useContext } from "preact/hooks";
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
