import type { Project } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";

/** A report of `evaluate` or `audit`, inside the page. */
export function ReportPage({ project, id }: { readonly project: Project; readonly id: string | null }) {
  const { t } = useWords();
  const item = project.items.find((one) => one.id === id && (one.kind === "report" || one.kind === "audit"));
  return (
    <>
      <p>
        <a href={routeTo("project")}>{t("form.back")}</a>
      </p>
      {item === undefined ? (
        <Notice>
          {t("report.none")} <a href={routeTo("project", "evaluate")}>{t("command.evaluate")}</a>
        </Notice>
      ) : (
        <ReportFrame
          title={t(item.kind === "audit" ? "chain.audit" : "chain.report")}
          url={api.urls.projectReport(item.id)}
          path={item.path}
        />
      )}
    </>
  );
}

interface ReportFrameProps {
  readonly title: string;
  readonly url: string;
  /** Where it lies, seen from the project. */
  readonly path: string;
}

/** A report in a sandbox of its own: it can be read, and do nothing. */
function ReportFrame({ title, url, path }: ReportFrameProps) {
  const { t } = useWords();
  return (
    <section class="report" aria-label={title}>
      <div class="card-head">
        <h2 class="form-title">{title}</h2>
        <span class="path muted">{path}</span>
        <a href={url} target="_blank" rel="noreferrer">
          {t("report.window")}
        </a>
      </div>
      <p class="hint">{t("report.text")}</p>
      <iframe class="report-frame" src={url} title={title} sandbox="" />
    </section>
  );
}
