import { useMemo } from "preact/hooks";
import type { RunProgress, RunSummary } from "../../../api.ts";
import { Choice } from "../../components/choice.tsx";
import { Facts } from "../../components/facts.tsx";
import { LineChart } from "../../components/line-chart.tsx";
import { NothingYet } from "../../components/nothing-yet.tsx";
import { Notice } from "../../components/notice.tsx";
import { formatNumber } from "../../format.ts";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { useWorkspace } from "../../workspace-context.ts";
import { Health } from "./health.tsx";
import { OutcomeCard } from "./outcome-card.tsx";
import { SampleGrids } from "./sample-grids.tsx";
import { type ChartGroup, chartGroups, words } from "./series.ts";
import { useProgress } from "./use-progress.ts";

/** Share of the training that is done, 0 to 1; null where its end is not known. */
function shareDone({ images, minutes, imagesSeen, seconds }: RunProgress): number | null {
  const shares = [
    ...(images === null ? [] : [imagesSeen / images]),
    ...(minutes === null ? [] : [seconds / 60 / minutes]),
  ];
  return shares.length === 0 ? null : Math.min(1, Math.max(...shares));
}

/** Images a second of the last report, else of the whole training. */
function rateOf({ stats, imagesSeen, seconds }: RunProgress): number | null {
  const last = stats.findLast((line) => typeof line.imagesPerSecond === "number")?.imagesPerSecond;
  if (typeof last === "number") return last;
  return seconds > 0 ? imagesSeen / seconds : null;
}

function RunFacts({ run, progress }: { readonly run: RunSummary; readonly progress: RunProgress }) {
  const { t, number, duration } = useWords();
  const share = shareDone(progress);
  const rate = rateOf(progress);
  const training = progress.state === "training";
  const facts: [string, string][] = [
    [t("run.seen"), number(progress.imagesSeen)],
    [t("run.spent"), duration(progress.seconds)],
    [t("run.rate"), rate === null ? "–" : formatNumber(rate)],
    [t("run.left"), progress.secondsLeft === null ? "–" : duration(progress.secondsLeft)],
    [t("run.model"), `${run.model}, ${run.resolution} px`],
  ];
  return (
    <section class="card run-facts" aria-label={t("run.state")}>
      <div class="run-state">
        <span class={`state ${progress.state}`}>{t(training ? "run.training" : "run.ended")}</span>
        {share !== null && (
          <progress max={1} value={share} aria-label={t("run.done")}>
            {Math.round(100 * share)} %
          </progress>
        )}
        {share !== null && <span class="muted">{Math.round(100 * share)} %</span>}
        {progress.stage !== null && <StageText stage={progress.stage} />}
      </div>
      <Facts facts={facts} />
    </section>
  );
}

/** `decode: 120 of 4,487 images`. */
function StageText({ stage: { name, done, total, unit } }: { readonly stage: NonNullable<RunProgress["stage"]> }) {
  const { t, number } = useWords();
  const values = { stage: name, done: number(done), total: total === null ? "" : number(total), unit };
  return <span class="muted">{t(total === null ? "job.progress.open" : "job.progress", values)}</span>;
}

/** Charts of quality, all classes in one, before those that only people of the field read. */
const QUALITY: readonly string[] = ["coverage", "classAgreement", "kid", "distance"];
const qualityFirst = (groups: readonly ChartGroup[]): ChartGroup[] => [
  ...QUALITY.flatMap((title) => groups.filter((group) => group.title === title)),
  ...groups.filter(({ title }) => !QUALITY.includes(title)),
];

function RunView({ run }: { readonly run: RunSummary }) {
  const { t, maybe } = useWords();
  const { progress, broken } = useProgress(run.id);
  const groups = useMemo(() => qualityFirst(chartGroups(progress?.stats ?? [])), [progress?.stats]);
  if (progress === null) {
    return broken ? <Notice tone="error">{t("page.lost")}</Notice> : <p class="loading">{t("run.loading")}</p>;
  }
  return (
    <>
      {broken && <Notice tone="error">{t("run.lost")}</Notice>}
      <RunFacts run={run} progress={progress} />
      <Health progress={progress} />
      {progress.outcome !== null && <OutcomeCard outcome={progress.outcome} />}
      <SampleGrids run={run.id} samples={progress.samples} />
      {groups.length === 0 ? (
        <p class="muted">{t("run.none.yet")}</p>
      ) : (
        <div class="charts">
          {groups.map(({ title, series }) => (
            <LineChart
              key={title}
              title={maybe(`chart.${title}`) ?? title}
              series={series.map((one) => ({ ...one, name: words(one.name) }))}
            />
          ))}
        </div>
      )}
    </>
  );
}

/** A training, watched while it goes on. */
export function RunPage({ id }: { readonly id: string | null }) {
  const { t } = useWords();
  const { runs } = useWorkspace();
  const run = runs.find((known) => known.id === id) ?? runs[0];
  if (run === undefined) {
    return <NothingYet page="run" inProject="run.none.project" command="train" opened="run.none" />;
  }
  return (
    <>
      <div class="page-head">
        <h1>{t("nav.run")}</h1>
        {runs.length > 1 ? (
          <Choice
            label={t("field.run")}
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
