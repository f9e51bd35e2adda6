import { useMemo } from "preact/hooks";
import type { RunProgress, RunSummary } from "../../../api.ts";
import { Choice } from "../../components/choice.tsx";
import { LineChart } from "../../components/line-chart.tsx";
import { Notice } from "../../components/notice.tsx";
import { formatCount, formatDuration, formatNumber } from "../../format.ts";
import { routeTo } from "../../routing.ts";
import { useWorkspace } from "../../workspace-context.ts";
import { OutcomeCard } from "./outcome-card.tsx";
import { SampleGrids } from "./sample-grids.tsx";
import { chartGroups, words } from "./series.ts";
import { useProgress } from "./use-progress.ts";

/** Share of the training that is done, 0 to 1; null where its end is not known. */
function shareDone({ images, minutes, imagesSeen, seconds }: RunProgress): number | null {
  const shares = [
    ...(images === null ? [] : [imagesSeen / images]),
    ...(minutes === null ? [] : [seconds / 60 / minutes]),
  ];
  return shares.length === 0 ? null : Math.min(1, Math.max(...shares));
}

/** `decode: 120 of 4,487 images`. */
const stageText = ({ name, done, total, unit }: NonNullable<RunProgress["stage"]>): string =>
  `${name}: ${formatCount(done)}${total === null ? "" : ` of ${formatCount(total)}`} ${unit}`;

/** Images a second of the last report, else of the whole training. */
function rateOf({ stats, imagesSeen, seconds }: RunProgress): number | null {
  const last = stats.findLast((line) => typeof line.imagesPerSecond === "number")?.imagesPerSecond;
  if (typeof last === "number") return last;
  return seconds > 0 ? imagesSeen / seconds : null;
}

function Facts({ run, progress }: { readonly run: RunSummary; readonly progress: RunProgress }) {
  const share = shareDone(progress);
  const rate = rateOf(progress);
  const training = progress.state === "training";
  const facts: [string, string][] = [
    ["images seen", formatCount(progress.imagesSeen)],
    ["time spent", formatDuration(progress.seconds)],
    ["images per second", rate === null ? "–" : formatNumber(rate)],
    ["time left", progress.secondsLeft === null ? "–" : formatDuration(progress.secondsLeft)],
    ["model", `${run.model}, ${run.resolution} px`],
  ];
  return (
    <section class="card run-facts" aria-label="State of the training">
      <div class="run-state">
        <span class={`state ${progress.state}`}>{training ? "Training now" : "Ended"}</span>
        {share !== null && (
          <progress max={1} value={share} aria-label="Done">
            {Math.round(100 * share)} %
          </progress>
        )}
        {share !== null && <span class="muted">{Math.round(100 * share)} %</span>}
        {progress.stage !== null && <span class="muted">{stageText(progress.stage)}</span>}
      </div>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function RunView({ run }: { readonly run: RunSummary }) {
  const { progress, broken } = useProgress(run.id);
  const groups = useMemo(() => chartGroups(progress?.stats ?? []), [progress?.stats]);
  if (progress === null) {
    return broken ? (
      <Notice tone="error">The studio does not answer. Is `ganglion studio` still running?</Notice>
    ) : (
      <p class="loading">Loading the training…</p>
    );
  }
  return (
    <>
      {broken && <Notice tone="error">The connection was lost; the values below may be out of date.</Notice>}
      <Facts run={run} progress={progress} />
      {progress.outcome !== null && <OutcomeCard outcome={progress.outcome} />}
      <SampleGrids run={run.id} samples={progress.samples} />
      {groups.length === 0 ? (
        <p class="muted">There are no values yet: the first appear after a thousand images.</p>
      ) : (
        <div class="charts">
          {groups.map(({ title, series }) => (
            <LineChart key={title} title={title} series={series.map((one) => ({ ...one, name: words(one.name) }))} />
          ))}
        </div>
      )}
    </>
  );
}

/** A training, watched while it goes on. */
export function RunPage({ id }: { readonly id: string | null }) {
  const { runs } = useWorkspace();
  const run = runs.find((known) => known.id === id) ?? runs[0];
  if (run === undefined) return <Notice>No run was opened. Give the folder of one to `ganglion studio`.</Notice>;
  return (
    <>
      <div class="page-head">
        <h1>Training</h1>
        {runs.length > 1 ? (
          <Choice
            label="Run"
            value={run.id}
            options={runs.map(({ id: value, name }) => ({ value, text: name }))}
            onChoose={(value) => location.assign(routeTo("run", value))}
          />
        ) : (
          <span class="subject">{run.name}</span>
        )}
      </div>
      <RunView key={run.id} run={run} />
    </>
  );
}
