import { useEffect } from "preact/hooks";
import type { Workspace } from "../api.ts";
import { api } from "./api-client.ts";
import { Notice } from "./components/notice.tsx";
import { DatasetPage } from "./pages/dataset/dataset-page.tsx";
import { DrawPage } from "./pages/draw/draw-page.tsx";
import { ProjectPage } from "./pages/project/project-page.tsx";
import { ReaderStudyPage } from "./pages/reader-study/reader-study-page.tsx";
import { RunPage } from "./pages/run/run-page.tsx";
import { StudyPage } from "./pages/study/study-page.tsx";
import { type PageName, parseRoute, type Route, routeTo, useRoute } from "./routing.ts";
import { TopBar } from "./top-bar.tsx";
import { useResource } from "./use-resource.ts";
import { ReloadProvider, WorkspaceProvider } from "./workspace-context.ts";

/** The page that shows most of what was opened. */
function firstPage({ project, runs, datasets, watched }: Workspace): PageName {
  if (project) return "project";
  if (runs.some((run) => run.hasGenerator)) return "draw";
  if (runs.length > 0) return "run";
  if (watched.length > 0) return "study";
  return datasets.length > 0 ? "dataset" : "reader-study";
}

const TITLES: Record<PageName, string> = {
  project: "Project",
  draw: "Draw",
  run: "Training",
  study: "Study",
  dataset: "Dataset",
  "reader-study": "Reader study",
};

function Page({ page, route }: { readonly page: PageName; readonly route: Route }) {
  if (page === "project") return <ProjectPage id={route.id} />;
  if (page === "draw") return <DrawPage id={route.id} />;
  if (page === "run") return <RunPage id={route.id} />;
  if (page === "study") return <StudyPage id={route.id} query={route.query} />;
  if (page === "dataset") return <DatasetPage id={route.id} query={route.query} />;
  return <ReaderStudyPage id={route.id} query={route.query} />;
}

/** The studio: a bar with the pages, and one of them. */
export function App() {
  const route = useRoute();
  const { value: workspace, error, reload } = useResource("workspace", api.workspace);
  const page = route.page ?? (workspace === null ? null : firstPage(workspace));
  useEffect(() => {
    document.title = page === null ? "Ganglion studio" : `${TITLES[page]} – Ganglion studio`;
  }, [page]);
  useEffect(() => {
    // The address may have changed since the page was drawn of it.
    if (parseRoute(location.hash).page === null && page !== null) location.replace(routeTo(page));
  }, [page]);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        To the content
      </button>
      <TopBar page={page} titles={TITLES} version={workspace?.version ?? ""} />
      <main id="main" tabIndex={-1}>
        {error !== null && <Notice tone="error">{error}</Notice>}
        {workspace === null && error === null && <p class="loading">Opening the studio…</p>}
        {workspace !== null && page !== null && (
          <WorkspaceProvider value={workspace}>
            <ReloadProvider value={reload}>
              <Page key={page} page={page} route={route} />
            </ReloadProvider>
          </WorkspaceProvider>
        )}
      </main>
    </>
  );
}
