import { useEffect, useRef } from "preact/hooks";
import { JOB_COMMANDS } from "../../../job-forms.ts";
import type { Project, Step } from "../../../project-api.ts";
import { Notice } from "../../components/notice.tsx";
import { routeTo, useRoute } from "../../routing.ts";
import { useLanguage, useWords } from "../../texts/texts.ts";
import { useWorkspace, useWorkspaceReload } from "../../workspace-context.ts";
import { BalancePage } from "./balance-page.tsx";
import { Chain } from "./chain.tsx";
import { CommandForm, FormPage } from "./form-page.tsx";
import { GeneratePage } from "./generate-page.tsx";
import { ImagesPage } from "./images-page.tsx";
import { ImportPage } from "./import-page.tsx";
import { JobLists } from "./job-lists.tsx";
import { ReleaseCheck } from "./release-check.tsx";
import { ReportPage } from "./report-page.tsx";
import { StudyFormPage } from "./study-form-page.tsx";
import { TrainPage } from "./train-page.tsx";
import { useProject } from "./use-project.ts";

/** The whole job: what there is of it, the one next step, and the jobs. `id` is the command whose form is shown. */
export function ProjectPage({ id }: { readonly id: string | null }) {
  const { t } = useWords();
  const [language] = useLanguage();
  const { project: isProject } = useWorkspace();
  return (
    <div class="project" lang={language}>
      <div class="page-head">
        <h1>{t("page.title")}</h1>
      </div>
      {isProject ? <Opened page={PAGES.find((name) => name === id) ?? null} /> : <Notice>{t("page.none")}</Notice>}
    </div>
  );
}

/** Pages of a project: a form for each command, and what they made. */
const PAGES = [...JOB_COMMANDS, "images", "report"] as const;
type Page = (typeof PAGES)[number];

function Opened({ page }: { readonly page: Page | null }) {
  const { t } = useWords();
  const { project, broken } = useProject();
  const isFirst = useRef(true);
  // A form is another page to whoever listens to it, and so is the way back.
  useEffect(() => {
    if (page !== null || !isFirst.current) document.getElementById("main")?.focus();
    isFirst.current = false;
  }, [page]);
  if (project === null) {
    return broken !== null ? (
      <Notice tone="error">{t(`page.${broken}`)}</Notice>
    ) : (
      <p class="loading">{t("page.loading")}</p>
    );
  }
  return (
    <>
      {broken !== null && <Notice tone="error">{t(`page.${broken}`)}</Notice>}
      {page === null ? <Overview project={project} /> : <OnePage key={page} project={project} page={page} />}
    </>
  );
}

function OnePage({ project, page }: { readonly project: Project; readonly page: Page }) {
  const { query } = useRoute();
  switch (page) {
    case "import":
    case "inspect":
      return <ImportPage project={project} />;
    case "train":
      return <TrainPage project={project} />;
    case "generate":
      return <GeneratePage project={project} />;
    case "balance":
      return <BalancePage project={project} />;
    case "study":
      return <StudyFormPage project={project} />;
    case "images":
      return <ImagesPage project={project} id={query.get("set")} />;
    case "report":
      return <ReportPage project={project} id={query.get("of")} />;
    case "release":
      return (
        <FormPage command="release">
          <CommandForm
            key={query.get("accept")}
            project={project}
            command="release"
            besides={(form) => <ReleaseCheck project={project} form={form} />}
          />
        </FormPage>
      );
    default:
      return (
        <FormPage command={page}>
          <CommandForm project={project} command={page} />
        </FormPage>
      );
  }
}

const isBegun = ({ steps, jobs }: Project): boolean =>
  jobs.length > 0 || steps.some(({ state }: Step) => state !== "missing");

function Overview({ project }: { readonly project: Project }) {
  const { t } = useWords();
  const reload = useWorkspaceReload();
  const made = [...project.items.map(({ id }) => id), ...project.steps.map(({ state }) => state)].join(" ");
  // The other pages know what was there when they asked last; a run has its generator only when it is done.
  useEffect(reload, [made, reload]);
  return (
    <>
      <p class="subject">{t("page.folder", { folder: project.folder })}</p>
      {!isBegun(project) && <Beginning />}
      <JobLists project={project} which="open" />
      <Chain project={project} />
      <JobLists project={project} which="ended" />
    </>
  );
}

/** What a project without anything in it offers. */
function Beginning() {
  const { t } = useWords();
  return (
    <section class="beginning" aria-label={t("begin.title")}>
      <h2>{t("begin.title")}</h2>
      <p>{t("begin.text")}</p>
      <div class="ways">
        <a class="card way" href={routeTo("project", "demo")}>
          <strong>{t("begin.demo")}</strong>
          <span>{t("begin.demo.text")}</span>
        </a>
        <a class="card way" href={routeTo("project", "import")}>
          <strong>{t("begin.own")}</strong>
          <span>{t("begin.own.text")}</span>
        </a>
      </div>
    </section>
  );
}
