import { useEffect } from "preact/hooks";
import { JOB_COMMANDS, type JobCommand } from "../../../job-forms.ts";
import type { Project, Step } from "../../../project-api.ts";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { LANGUAGES, type Language, LanguageProvider, useLanguageChoice, useWords } from "../../texts/texts.ts";
import { useWorkspace, useWorkspaceReload } from "../../workspace-context.ts";
import { Chain } from "./chain.tsx";
import { FormPage } from "./form-page.tsx";
import { ImportPage } from "./import-page.tsx";
import { JobLists } from "./job-lists.tsx";
import { useProject } from "./use-project.ts";

/** The whole job: what there is of it, the one next step, and the jobs. `id` is the command whose form is shown. */
export function ProjectPage({ id }: { readonly id: string | null }) {
  const [language, setLanguage] = useLanguageChoice();
  return (
    <LanguageProvider value={language}>
      <div class="project" lang={language}>
        <Subject id={id} language={language} onLanguage={setLanguage} />
      </div>
    </LanguageProvider>
  );
}

interface SubjectProps {
  readonly id: string | null;
  readonly language: Language;
  readonly onLanguage: (language: Language) => void;
}

function Subject({ id, language, onLanguage }: SubjectProps) {
  const { t } = useWords();
  const { project: isProject } = useWorkspace();
  return (
    <>
      <div class="page-head">
        <h1>{t("page.title")}</h1>
        <label class="field language">
          <span class="field-name">{t("page.language")}</span>
          <select value={language} onChange={(event) => onLanguage(event.currentTarget.value as Language)}>
            {Object.entries(LANGUAGES).map(([value, name]) => (
              <option key={value} value={value} lang={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      {isProject ? (
        <Opened command={JOB_COMMANDS.find((name) => name === id) ?? null} />
      ) : (
        <Notice>{t("page.none")}</Notice>
      )}
    </>
  );
}

function Opened({ command }: { readonly command: JobCommand | null }) {
  const { t } = useWords();
  const { project, broken } = useProject();
  // A form is another page to whoever listens to it.
  useEffect(() => {
    if (command !== null) document.getElementById("main")?.focus();
  }, [command]);
  if (project === null) {
    return broken ? <Notice tone="error">{t("page.lost")}</Notice> : <p class="loading">{t("page.loading")}</p>;
  }
  return (
    <>
      {broken && <Notice tone="error">{t("page.lost")}</Notice>}
      {command === null && <Overview project={project} />}
      {(command === "import" || command === "inspect") && <ImportPage project={project} />}
      {command !== null && command !== "import" && command !== "inspect" && (
        <FormPage key={command} project={project} command={command} />
      )}
    </>
  );
}

const isBegun = ({ steps, jobs }: Project): boolean =>
  jobs.length > 0 || steps.some(({ state }: Step) => state !== "missing");

function Overview({ project }: { readonly project: Project }) {
  const { t } = useWords();
  const reload = useWorkspaceReload();
  const opened = project.items.map(({ id }) => id).join(" ");
  // The other pages know what was there when they asked last.
  useEffect(reload, [opened, reload]);
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
