import { useState } from "preact/hooks";
import type { JobRecord, Project } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { useWords } from "../../texts/texts.ts";
import { JobCard } from "./job-card.tsx";

const isOpen = ({ state }: JobRecord): boolean => state === "running" || state === "queued";

interface JobListsProps {
  readonly project: Project;
  /** Those that run or wait, or those that have ended. */
  readonly which: "open" | "ended";
}

/** Jobs of the project. The newest that ended stands open: it says what became of it. */
export function JobLists({ project, which }: JobListsProps) {
  const { t } = useWords();
  const { jobs } = project;
  if (which === "open") {
    const running = jobs.filter(({ state }) => state === "running");
    const waiting = jobs.filter(({ state }) => state === "queued").reverse();
    const last = jobs.find((job) => !isOpen(job));
    return (
      <>
        {/* Said when a job begins or ends, not with every image. */}
        <p class="visually-hidden" role="status">
          {[...running, ...(last === undefined ? [] : [last])]
            .map(({ command, state }) => said(command, state, t))
            .join(". ")}
        </p>
        {running.length > 0 && (
          <section aria-label={t("job.now")} class="job-list">
            {running.map((job) => (
              <JobCard key={job.id} job={job} open />
            ))}
          </section>
        )}
        {waiting.length > 0 && (
          <section aria-label={t("job.waiting")} class="job-list">
            {waiting.map((job) => (
              <JobCard key={job.id} job={job} open />
            ))}
          </section>
        )}
      </>
    );
  }
  const ended = jobs.filter((job) => !isOpen(job));
  return (
    <section class="job-list" aria-labelledby="earlier-jobs">
      <h2 id="earlier-jobs">{t("job.earlier")}</h2>
      <WhenStopped project={project} />
      {ended.length === 0 && <p class="muted">{t("job.none")}</p>}
      {ended.map((job, i) => (
        <JobCard key={job.id} job={job} open={i === 0} />
      ))}
    </section>
  );
}

/** What becomes of jobs when the studio is stopped: the person's choice, kept in the project. */
function WhenStopped({ project }: { readonly project: Project }) {
  const { t } = useWords();
  const [failed, setFailed] = useState<string | null>(null);
  const choose = (whenStopped: Project["whenStopped"]) => {
    setFailed(null);
    api.setWhenStopped(whenStopped).catch((error: Error) => setFailed(error.message));
  };
  return (
    <div class="when-stopped">
      <label class="field">
        <span class="field-name">{t("stopped.label")}</span>
        <select
          value={project.whenStopped}
          onChange={(event) => choose(event.currentTarget.value as Project["whenStopped"])}
        >
          <option value="go-on">{t("stopped.go-on")}</option>
          <option value="pause">{t("stopped.pause")}</option>
        </select>
      </label>
      {failed !== null && <Notice tone="error">{failed}</Notice>}
    </div>
  );
}

const said = (command: string, state: string, t: ReturnType<typeof useWords>["t"]): string =>
  t("job.said", { command: t(`command.${command}` as "command.demo"), state: t(`job.${state}` as "job.done") });
