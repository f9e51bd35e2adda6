import { useEffect, useState } from "preact/hooks";
import type { JobRecord } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Command } from "../../components/command.tsx";
import { Notice } from "../../components/notice.tsx";
import { useWords } from "../../texts/texts.ts";
import { useResource } from "../../use-resource.ts";
import { newJobId } from "./new-job-id.ts";
import { ProblemList } from "./problem-list.tsx";
import { Checklist, Mending } from "./refusal.tsx";

/** How often the log is asked for while it is open, in milliseconds. */
const LOOK = 1500;

/** States in which a training or a study is not complete. */
const GOES_ON: ReadonlySet<string> = new Set(["cancelled", "interrupted", "failed"]);

interface JobCardProps {
  readonly job: JobRecord;
  /** Defaults to folded. */
  readonly open?: boolean;
}

/** A job: its command, how far it is, how to end it, and what became of it. */
export function JobCard({ job, open = false }: JobCardProps) {
  const { t, maybe, time, duration } = useWords();
  const { id, command, state, started, ended } = job;
  const [unfolded, setUnfolded] = useState(open);
  const isOpen = state === "running" || state === "queued";
  const took = started !== null && ended !== null ? (Date.parse(ended) - Date.parse(started)) / 1000 : null;
  return (
    <details class={`card job ${state}`} open={open} onToggle={(event) => setUnfolded(event.currentTarget.open)}>
      <summary>
        <strong>{maybe(`command.${command}`) ?? command}</strong>{" "}
        <span class={`job-state ${state}`}>{t(`job.${state}`)}</span>{" "}
        <span class="muted">
          {took !== null
            ? t("job.took", { time: duration(took) })
            : started !== null && t("job.began", { time: time(started) })}
        </span>
      </summary>
      {state === "running" && <Progress job={job} />}
      <Warnings job={job} />
      <Problems job={job} unfolded={unfolded} />
      <CommandLine line={job.line} />
      <Log id={id} follows={isOpen} />
      {isOpen && <Ending job={job} />}
      {(command === "train" || command === "study") && GOES_ON.has(state) && <GoingOn id={id} command={command} />}
    </details>
  );
}

function Progress({ job }: { readonly job: JobRecord }) {
  const { t, number, duration } = useWords();
  if (job.progress === null) return null;
  const { stage, done, total, unit, secondsLeft } = job.progress;
  const values = { stage, done: number(done), unit, total: total === null ? "" : number(total) };
  const text = total === null ? t("job.progress.open", values) : t("job.progress", values);
  return (
    <div class="job-progress">
      {total === null || total === 0 ? (
        <progress aria-label={stage} />
      ) : (
        <progress aria-label={stage} max={1} value={Math.min(1, done / total)} />
      )}
      <p>
        <span>{text}</span>{" "}
        {secondsLeft !== null && <span class="muted">{t("job.left", { time: duration(secondsLeft) })}</span>}
      </p>
    </div>
  );
}

function CommandLine({ line }: { readonly line: string }) {
  const { t } = useWords();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(line);
    setCopied(true);
  };
  return (
    <div class="command-line">
      <span class="hint">{t("job.line")}</span>
      <Command line={line} />
      <button type="button" class="small" onClick={() => copy().catch(() => undefined)}>
        {t(copied ? "job.copied" : "job.copy")}
      </button>
    </div>
  );
}

/** What the command warned of, such as a training that begins to copy. */
function Warnings({ job: { warnings } }: { readonly job: JobRecord }) {
  const { t } = useWords();
  if (warnings.length === 0) return null;
  return (
    <div class="problems warnings">
      <h3>{t("job.warnings")}</h3>
      <ul lang="en">
        {[...new Set(warnings)].map((warning) => (
          <li key={warning}>{warning.replace(/^warning: /, "")}</li>
        ))}
      </ul>
    </div>
  );
}

/** Why it failed, or was not released: each reason with what would mend it, as the command says it. */
function Problems({ job, unfolded }: { readonly job: JobRecord; readonly unfolded: boolean }) {
  const { t } = useWords();
  const { id, command, error, state } = job;
  if (error === null || state === "done") return null;
  const [headline] = error.message.split("\n");
  return (
    <div class="problems">
      {state === "refused" && <h3>{t("refusal.title")}</h3>}
      {state !== "refused" && <h3>{t("job.problems")}</h3>}
      <p lang="en">{headline}</p>
      {error.problems.length > 0 &&
        (command === "import" || command === "inspect" ? (
          <ImageProblems id={unfolded ? id : null} problems={error.problems} />
        ) : (
          <Checklist problems={error.problems} />
        ))}
      {state === "refused" && <Mending problems={error.problems} />}
    </div>
  );
}

/** Problems of a folder of images, beside pictures and rows once these are there. @param id Null while nobody looks. */
function ImageProblems({
  id,
  problems,
}: {
  readonly id: string | null;
  readonly problems: NonNullable<JobRecord["error"]>["problems"];
}) {
  const { value } = useResource(id, () => api.jobProblems(id!));
  return value === null ? (
    <Checklist problems={problems} />
  ) : (
    <ProblemList problems={value.problems} dataset={value.dataset} />
  );
}

/** Text of the log, read further while the job goes on; only once it is opened. */
function Log({ id, follows }: { readonly id: string; readonly follows: boolean }) {
  const { t } = useWords();
  const [shown, setShown] = useState(false);
  const [text, setText] = useState("");
  useEffect(() => {
    if (!shown) return;
    let current = true;
    let offset = 0;
    setText("");
    const look = async () => {
      const part = await api.jobLog(id, offset).catch(() => null);
      if (!current || part === null || part.next === offset) return;
      offset = part.next;
      setText((before) => before + part.text);
    };
    void look();
    const timer = follows ? setInterval(look, LOOK) : undefined;
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [id, shown, follows]);
  return (
    <details class="log" onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>{t("job.log")}</summary>
      <textarea readOnly rows={12} lang="en" aria-label={t("job.log")} value={text} spellcheck={false} />
    </details>
  );
}

/** Goes on with a training from its last checkpoint, or ends it with what it has; goes on with a study. */
function GoingOn({ id, command }: { readonly id: string; readonly command: "train" | "study" }) {
  const { t } = useWords();
  const [next] = useState(newJobId);
  const [error, setError] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  const begin = (how: "resumeJob" | "finishJob") => {
    setAsked(true);
    api[how](id, next).catch((failure: Error) => {
      setError(failure.message);
      setAsked(false);
    });
  };
  return (
    <div class="ending">
      <button type="button" onClick={() => begin("resumeJob")} disabled={asked}>
        {t("job.resume")}
      </button>
      {command === "train" && (
        <button type="button" onClick={() => begin("finishJob")} disabled={asked}>
          {t("job.finish")}
        </button>
      )}
      <span class="hint">{t(command === "train" ? "job.resume.text" : "job.resume.study")}</span>
      {error !== null && <Notice tone="error">{error}</Notice>}
    </div>
  );
}

/** A training is paused: it saves its state, and can go on. Whatever else is ended. */
function Ending({ job: { id, command } }: { readonly job: JobRecord }) {
  const { t } = useWords();
  const [asked, setAsked] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const end = (how: "stop" | "kill") => {
    setAsked(true);
    api.endJob(id, how).catch((failure: Error) => setError(failure.message));
  };
  const isTraining = command === "train";
  return (
    <div class="ending">
      <button type="button" onClick={() => end(asked ? "kill" : "stop")}>
        {t(asked ? "job.kill" : isTraining ? "job.pause" : "job.stop")}
      </button>
      <span class="hint">{t(isTraining ? "job.pause.text" : "job.stop.text")}</span>
      {error !== null && <Notice tone="error">{error}</Notice>}
    </div>
  );
}
