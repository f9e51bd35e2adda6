import { useWords } from "../../texts/texts.ts";
import { type Progress, secondsBetween } from "./words.ts";

/** Jobs that run, each with its bar. */
export function RunningJobs({ progress }: { readonly progress: Progress }) {
  const { t, number, duration } = useWords();
  const { running, updated, state } = progress;
  if (state !== "running") return null;
  return (
    <section class="card" aria-labelledby="running-title">
      <h2 id="running-title">{t("jobs.running")}</h2>
      {running.length === 0 ? (
        <p class="muted">{t("jobs.none")}</p>
      ) : (
        <ul class="jobs">
          {running.map(({ title, since, worker, progress: how }) => (
            <li key={`${title} ${since}`}>
              <span class="job-title">{title}</span>
              {how?.total == null ? (
                <progress aria-label={title} />
              ) : (
                <progress aria-label={title} max={how.total} value={how.done} />
              )}
              <span class="muted">
                {how !== null &&
                  `${t(how.total === null ? "jobs.so.far" : "jobs.of", { done: number(how.done), total: number(how.total ?? 0), unit: how.unit })}, `}
                {duration(secondsBetween(since, updated))}
                {worker !== null && `, ${worker}`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Who does the jobs. */
export function Workers({ progress }: { readonly progress: Progress }) {
  const { t, number, duration } = useWords();
  const { workers, updated } = progress;
  if (workers.length === 0) return null;
  return (
    <section class="card" aria-labelledby="workers-title">
      <h2 id="workers-title">{t("workers.title")}</h2>
      <table class="workers">
        <thead>
          <tr>
            <th scope="col">{t("workers.worker")}</th>
            <th scope="col">{t("study.jobs.done")}</th>
            <th scope="col">{t("workers.seen")}</th>
          </tr>
        </thead>
        <tbody>
          {workers.map(({ name, jobs, seen }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{number(jobs)}</td>
              <td>{t("workers.ago", { time: duration(secondsBetween(seen, updated)) })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What went wrong, in the words of the job. */
export function Failures({ progress: { failures } }: { readonly progress: Progress }) {
  const { t } = useWords();
  if (failures.length === 0) return null;
  return (
    <section class="card failures" aria-labelledby="failures-title">
      <h2 id="failures-title">{t("failures.title")}</h2>
      <ul>
        {failures.map(({ title, message }) => (
          <li key={title}>
            <b>{title}</b>
            <p>{message}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
