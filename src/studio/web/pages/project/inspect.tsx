import { useState } from "preact/hooks";
import type { Project, ReadAs } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { useWords } from "../../texts/texts.ts";
import { useResource } from "../../use-resource.ts";
import { Found } from "./found.tsx";
import { JobCard } from "./job-card.tsx";
import { newJobId } from "./new-job-id.ts";
import { PartsNotSearched } from "./parts-not-searched.tsx";
import { ProblemList } from "./problem-list.tsx";
import { FlatImages, Repeats } from "./repeats.tsx";

interface InspectProps {
  readonly project: Project;
  readonly source: string;
  readonly read: ReadAs;
  /** The source as it was opened. */
  readonly dataset: string;
  /** Numbers of images that are not imported. */
  readonly leftOut: ReadonlySet<number>;
  readonly onLeaveOut: (leftOut: ReadonlySet<number>) => void;
  readonly onSkipDamaged: (skip: boolean) => void;
}

/** Looks at every image when it is asked to, as `ganglion inspect` does, and shows what it found. */
export function Inspect({ project, source, read, dataset, leftOut, onLeaveOut, onSkipDamaged }: InspectProps) {
  const { t } = useWords();
  const [id, setId] = useState(newJobId);
  const [asked, setAsked] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const job = project.jobs.find((one) => one.id === id);
  const { value: found } = useResource(job?.state === "done" ? id : null, () => api.inspection(id, dataset));
  const look = async (job: string, more: { readonly parts?: boolean } = {}) => {
    setError(null);
    setAsked(true);
    setId(job);
    try {
      // What is damaged is listed with all else.
      await api.startJob({ id: job, command: "inspect", values: { ...read, ...more, source, skipDamaged: true } });
    } catch (failure) {
      setError((failure as Error).message);
      setAsked(false);
    }
  };
  return (
    <>
      {!asked && (
        <p class="with-hint">
          <button type="button" onClick={() => look(id)}>
            {t("look.start")}
          </button>
          <span class="hint">{t("about.inspect")}</span>
        </p>
      )}
      {error !== null && <Notice tone="error">{error}</Notice>}
      {asked && job !== undefined && job.state !== "done" && <JobCard job={job} open />}
      {asked && found === null && error === null && (job === undefined || job.state === "running") && (
        <p class="loading" role="status">
          {t("look.running")}
        </p>
      )}
      {found !== null && (
        <>
          <Found found={found} />
          <PartsNotSearched found={found} onSearch={() => look(newJobId(), { parts: true })} />
          {found.problems.length > 0 && (
            <section class="card" aria-labelledby="damaged-title">
              <h2 id="damaged-title">{t("look.damaged.title")}</h2>
              <ProblemList problems={found.problems} dataset={dataset} />
              <label class="toggle">
                <input
                  type="checkbox"
                  checked={read.skipDamaged === true}
                  onChange={(event) => onSkipDamaged(event.currentTarget.checked)}
                />
                {t("look.leave.damaged")}
              </label>
            </section>
          )}
          <Repeats found={found} dataset={dataset} leftOut={leftOut} onLeaveOut={onLeaveOut} />
          <FlatImages images={found.flatImages} dataset={dataset} leftOut={leftOut} onLeaveOut={onLeaveOut} />
        </>
      )}
    </>
  );
}
