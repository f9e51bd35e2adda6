import type { WatchedStudy } from "../../../api.ts";
import { api } from "../../api-client.ts";
import { Command } from "../../components/command.tsx";
import { Facts } from "../../components/facts.tsx";
import { Icon } from "../../components/icon.tsx";
import { Notice } from "../../components/notice.tsx";
import { useWords } from "../../texts/texts.ts";
import { jobsDone, kindWords, secondsBetween } from "./words.ts";

interface StudyFactsProps {
  readonly id: string;
  readonly name: string;
  readonly watched: WatchedStudy;
}

/** How to go on with a study that does not run and is not done. */
function GoOn({ name, watched: { interrupted, progress } }: StudyFactsProps) {
  const { t, time } = useWords();
  // The study keeps its configuration, with every option, in its own folder.
  const command = <Command line={`ganglion study ${name}/study.json --out ${name}`} />;
  if (interrupted) {
    return (
      <Notice tone="error">
        {t("study.interrupted.text", { when: time(progress.updated) })} {command}
      </Notice>
    );
  }
  if (progress.state !== "stopped" && progress.state !== "failed") return null;
  return (
    <Notice>
      {t(progress.state === "failed" ? "study.failed.text" : "study.stopped.text")} {command}
    </Notice>
  );
}

/** The report and its tables; of a study that is not done they are those of an earlier call. */
function Results({ id, watched: { files, progress } }: StudyFactsProps) {
  const { t } = useWords();
  if (files.length === 0) return null;
  const isDone = progress.state === "done";
  const hasReport = files.includes("report.html");
  return (
    <>
      <ul class="study-files" aria-label={t(isDone ? "study.results" : "study.results.earlier")}>
        {files.map((name) => (
          <li key={name}>
            {name === "report.html" ? (
              <a class="button report-link" href={api.urls.studyFile(id, name)} target="_blank" rel="noopener">
                {t(isDone ? "study.report" : "study.report.earlier")}
              </a>
            ) : (
              <a class="button quiet small" href={api.urls.studyFile(id, name)} download={name}>
                <Icon name="download" /> {name}
              </a>
            )}
          </li>
        ))}
      </ul>
      {hasReport && (
        <iframe
          class="report-frame"
          src={api.urls.studyFile(id, "report.html")}
          title={t("study.report.frame")}
          sandbox=""
        />
      )}
    </>
  );
}

/** State, share of the jobs that are done, time, and results. */
export function StudyFacts(props: StudyFactsProps) {
  const words = useWords();
  const { t, number, duration } = words;
  const { progress, interrupted } = props.watched;
  const { done, all } = jobsDone(progress);
  const left = progress.secondsLeft;
  const here =
    progress.processes === null
      ? t("study.by.workers", { n: number(progress.running.length) })
      : t("study.here", { n: number(progress.processes) });
  const now: [string, string][] = [
    [t("run.left"), left === null || interrupted ? "–" : t("study.about", { time: duration(left) })],
    [t("study.at.a.time"), here],
  ];
  const facts: [string, string][] = [
    [t("study.jobs.facts"), t("study.of", { done: number(done), total: number(all) })],
    [t("run.spent"), duration(secondsBetween(progress.started, progress.updated))],
    ...(progress.state === "running" ? now : []),
    [t("study.arms"), number(progress.arms.length)],
    [t("study.seeds.fact"), number(progress.seeds.length)],
  ];
  return (
    <>
      <GoOn {...props} />
      <section class="card run-facts" aria-label={t("study.state")}>
        <div class="run-state">
          <span class={`state ${interrupted ? "interrupted" : progress.state}`} role="status">
            {t(interrupted ? "study.interrupted" : `study.state.${progress.state}`)}
          </span>
          <progress max={Math.max(1, all)} value={done} aria-label={t("study.jobs.done")}>
            {t("study.of", { done: number(done), total: number(all) })}
          </progress>
        </div>
        <Facts facts={facts} />
        <ul class="kinds">
          {progress.jobs.map(({ kind, kept, made, waiting, running, failed, blocked }) => (
            <li key={kind}>
              {kindWords(kind, words)} <b>{kept + made}</b>{" "}
              {t("study.of.all", { total: number(kept + made + waiting + running + failed + blocked) })}
              {failed > 0 && <span class="failed">{t("study.of.failed", { n: number(failed) })}</span>}
            </li>
          ))}
        </ul>
        <Results {...props} />
      </section>
    </>
  );
}
