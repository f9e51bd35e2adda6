import { formatCount, formatDuration } from "../../format.ts";
import { type Progress, secondsBetween } from "./words.ts";

/** Jobs that run, each with its bar. */
export function RunningJobs({ progress }: { readonly progress: Progress }) {
  const { running, updated, state } = progress;
  if (state !== "running") return null;
  return (
    <section class="card" aria-labelledby="running-title">
      <h2 id="running-title">Running jobs</h2>
      {running.length === 0 ? (
        <p class="muted">None at the moment.</p>
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
                  `${formatCount(how.done)}${how.total === null ? "" : ` of ${formatCount(how.total)}`} ${how.unit}, `}
                {formatDuration(secondsBetween(since, updated))}
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
  const { workers, updated } = progress;
  if (workers.length === 0) return null;
  return (
    <section class="card" aria-labelledby="workers-title">
      <h2 id="workers-title">Workers</h2>
      <table class="workers">
        <thead>
          <tr>
            <th scope="col">Worker</th>
            <th scope="col">Jobs done</th>
            <th scope="col">Last update</th>
          </tr>
        </thead>
        <tbody>
          {workers.map(({ name, jobs, seen }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{formatCount(jobs)}</td>
              <td>{formatDuration(secondsBetween(seen, updated))} ago</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What went wrong, in the words of the job. */
export function Failures({ progress: { failures } }: { readonly progress: Progress }) {
  if (failures.length === 0) return null;
  return (
    <section class="card failures" aria-labelledby="failures-title">
      <h2 id="failures-title">Failures</h2>
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
