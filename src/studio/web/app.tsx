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
import { type Language, LanguageProvider, LanguageSetterProvider, useLanguageChoice, useWords } from "./texts/texts.ts";
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

function Page({ page, route }: { readonly page: PageName; readonly route: Route }) {
  if (page === "project") return <ProjectPage id={route.id} />;
  if (page === "draw") return <DrawPage id={route.id} />;
  if (page === "run") return <RunPage id={route.id} />;
  if (page === "study") return <StudyPage id={route.id} query={route.query} />;
  if (page === "dataset") return <DatasetPage id={route.id} query={route.query} />;
  return <ReaderStudyPage id={route.id} query={route.query} />;
}

/** The studio: a bar with the pages, and one of them, in the language that was chosen. */
export function App() {
  const [language, setLanguage] = useLanguageChoice();
  return (
    <LanguageSetterProvider value={setLanguage}>
      <LanguageProvider value={language}>
        <Studio language={language} />
      </LanguageProvider>
    </LanguageSetterProvider>
  );
}

function Studio({ language }: { readonly language: Language }) {
  const { t } = useWords();
  const route = useRoute();
  // Where it cannot be looked at again, what is open stays open: a page says itself that its folder is gone, and goes on.
  const { value: workspace, error, reload } = useResource("workspace", api.workspace);
  const page = route.page ?? (workspace === null ? null : firstPage(workspace));
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = page === null ? "Ganglion studio" : `${t(`nav.${page}`)} – Ganglion studio`;
  }, [page, language, t]);
  useEffect(() => {
    // The address may have changed since the page was drawn of it.
    if (parseRoute(location.hash).page === null && page !== null) location.replace(routeTo(page));
  }, [page]);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        {t("nav.skip")}
      </button>
      <TopBar page={page} version={workspace?.version ?? ""} />
      <main id="main" tabIndex={-1}>
        {workspace === null && error !== null && <Notice tone="error">{error}</Notice>}
        {workspace === null && error === null && <p class="loading">{t("nav.opening")}</p>}
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
