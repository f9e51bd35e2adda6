import type { WatchedStudy } from "../../../api.ts";
import { api } from "../../api-client.ts";
import { Icon } from "../../components/icon.tsx";
import { Notice } from "../../components/notice.tsx";
import { formatCount, formatDuration } from "../../format.ts";
import { jobsDone, kindWords, secondsBetween } from "./words.ts";

const STATE_WORDS = { running: "Running now", done: "Done", stopped: "Stopped", failed: "Failed" } as const;

interface StudyFactsProps {
  readonly id: string;
  readonly name: string;
  readonly watched: WatchedStudy;
}

/** How to go on with a study that does not run and is not done. */
function GoOn({ name, watched: { interrupted, progress } }: StudyFactsProps) {
  // The study keeps its configuration, with every option, in its own folder.
  const command = <code class="command">{`ganglion study ${name}/study.json --out ${name}`}</code>;
  if (interrupted) {
    const when = new Date(progress.updated).toLocaleString();
    return (
      <Notice tone="error">
        Interrupted: this study has not been updated since {when}. If its process has ended, repeat the command that
        started it, in the same folder and with the same --queue and --store if it had any; finished jobs are not
        repeated: {command}
      </Notice>
    );
  }
  if (progress.state !== "stopped" && progress.state !== "failed") return null;
  return (
    <Notice>
      {progress.state === "failed" ? "Fix the cause, then repeat" : "Repeat"} the command that started it, in the same
      folder and with the same --queue and --store if it had any; finished jobs are not repeated: {command}
    </Notice>
  );
}

/** The report and its tables; of a study that is not done they are those of an earlier call. */
function Results({ id, watched: { files, progress } }: StudyFactsProps) {
  if (files.length === 0) return null;
  const isDone = progress.state === "done";
  return (
    <ul class="study-files" aria-label={isDone ? "Results" : "Results of an earlier call"}>
      {files.map((name) => (
        <li key={name}>
          {name === "report.html" ? (
            <a class="button report-link" href={api.urls.studyFile(id, name)} target="_blank" rel="noopener">
              {isDone ? "Open the report" : "Open the report of an earlier call"}
            </a>
          ) : (
            <a class="button quiet small" href={api.urls.studyFile(id, name)} download={name}>
              <Icon name="download" /> {name}
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}

/** State, share of the jobs that are done, time, and results. */
export function StudyFacts(props: StudyFactsProps) {
  const { progress, interrupted } = props.watched;
  const { done, all } = jobsDone(progress);
  const left = progress.secondsLeft;
  const here = progress.processes === null ? `${progress.running.length} by workers` : `${progress.processes} here`;
  const now: [string, string][] = [
    ["time left", left === null || interrupted ? "–" : `about ${formatDuration(left)}`],
    ["jobs at a time", here],
  ];
  const facts: [string, string][] = [
    ["jobs done", `${formatCount(done)} of ${formatCount(all)}`],
    ["time spent", formatDuration(secondsBetween(progress.started, progress.updated))],
    ...(progress.state === "running" ? now : []),
    ["arms", formatCount(progress.arms.length)],
    ["seeds", formatCount(progress.seeds.length)],
  ];
  return (
    <>
      <GoOn {...props} />
      <section class="card run-facts" aria-label="State of the study">
        <div class="run-state">
          <span class={`state ${interrupted ? "interrupted" : progress.state}`} role="status">
            {interrupted ? "Interrupted" : STATE_WORDS[progress.state]}
          </span>
          <progress max={Math.max(1, all)} value={done} aria-label="Jobs done">
            {done} of {all}
          </progress>
        </div>
        <dl>
          {facts.map(([term, value]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <ul class="kinds">
          {progress.jobs.map(({ kind, kept, made, waiting, running, failed, blocked }) => (
            <li key={kind}>
              {kindWords(kind)} <b>{kept + made}</b> of {kept + made + waiting + running + failed + blocked}
              {failed > 0 && <span class="failed">, {failed} failed</span>}
            </li>
          ))}
        </ul>
        <Results {...props} />
      </section>
    </>
  );
}
