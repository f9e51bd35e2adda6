import type { JobRecord, Project } from "../../../project-api.ts";
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
      {ended.length === 0 && <p class="muted">{t("job.none")}</p>}
      {ended.map((job, i) => (
        <JobCard key={job.id} job={job} open={i === 0} />
      ))}
    </section>
  );
}

const said = (command: string, state: string, t: ReturnType<typeof useWords>["t"]): string =>
  t("job.said", { command: t(`command.${command}` as "command.demo"), state: t(`job.${state}` as "job.done") });
