import { Choice } from "../../components/choice.tsx";
import { extent } from "../../components/scale.ts";
import { formatNumber } from "../../format.ts";
import { useWords, type Words } from "../../texts/texts.ts";
import { type Progress, signed } from "./words.ts";

type SetEstimates = Progress["estimates"][number];
type Difference = SetEstimates["arms"][number]["differences"][number];

const WIDTH = 180;
const PAD = 6;

/** Difference of an arm from a control: the point, its interval, and the line of no difference. */
function Whisker({
  difference,
  low,
  high,
}: {
  readonly difference: Difference;
  readonly low: number;
  readonly high: number;
}) {
  const toX = (value: number) => PAD + ((value - low) / (high - low)) * (WIDTH - 2 * PAD);
  const { value, low: from, high: to } = difference;
  return (
    <svg class="whisker" viewBox={`0 0 ${WIDTH} 18`} aria-hidden="true">
      <line class="none" x1={toX(0)} x2={toX(0)} y1={1} y2={17} />
      {from !== null && to !== null && <line class="range" x1={toX(from)} x2={toX(to)} y1={9} y2={9} />}
      <circle cx={toX(value)} cy={9} r={3.5} />
    </svg>
  );
}

function differenceWords({ value, low, high, seeds }: Difference, { t, count }: Words): string {
  const interval =
    low === null || high === null ? "" : t("estimates.interval", { low: signed(low), high: signed(high) });
  return `${signed(value)}${interval}, ${count("estimates.seeds", seeds)}`;
}

interface EstimateTableProps {
  readonly estimates: SetEstimates;
  /** Whether an arm is held against no other. */
  readonly isControl: (arm: string) => boolean;
}

function EstimateTable({ estimates, isControl }: EstimateTableProps) {
  const words = useWords();
  const { t, count } = words;
  const all = estimates.arms.flatMap(({ differences }) => differences);
  const [low, high] = extent([0, ...all.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value])]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by the keyboard
    <section class="table-scroll" tabIndex={0} aria-label={t("estimates.scrolls", { set: estimates.testSet })}>
      <table class="estimates">
        <thead>
          <tr>
            <th scope="col">{t("arms.arm")}</th>
            <th scope="col">{t("estimates.mean")}</th>
            <th scope="col">{t("estimates.difference", { low: signed(low), high: signed(high) })}</th>
          </tr>
        </thead>
        <tbody>
          {estimates.arms.map(({ arm, mean, seeds, differences }) => (
            <tr key={arm}>
              <th scope="row">{arm}</th>
              <td>
                {mean.toFixed(3)} <span class="muted">{count("estimates.seeds", seeds)}</span>
              </td>
              <td>
                {differences.length === 0 && (
                  <span class="muted">{t(isControl(arm) ? "estimates.control" : "estimates.none.in.common")}</span>
                )}
                <ul class="differences">
                  {differences.map((difference) => (
                    <li key={difference.control}>
                      <span>{t("estimates.to", { control: difference.control })}</span>
                      <Whisker difference={difference} low={low} high={high} />
                      <span>{differenceWords(difference, words)}</span>
                    </li>
                  ))}
                </ul>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface EstimatesProps {
  readonly progress: Progress;
  /** Name of the test set that is shown; the first one where it is none. */
  readonly testSet: string | null;
  readonly onChoose: (testSet: string) => void;
}

/** What the trainings that are scored say of the arms so far. */
export function Estimates({ progress, testSet, onChoose }: EstimatesProps) {
  const { t } = useWords();
  const { arms, estimates, testSets, metric, alpha } = progress;
  const shown = estimates.find((one) => one.testSet === testSet) ?? estimates[0];
  const kindOf = (name: string) =>
    t(testSets.find((set) => set.name === name)?.distribution === "out" ? "estimates.out" : "estimates.in");
  return (
    <section class="card" aria-labelledby="estimates-title">
      <div class="card-head">
        <h2 id="estimates-title">{t(progress.state === "done" ? "estimates.last" : "estimates.running")}</h2>
        <span class="muted">{t(`estimates.${metric.better}`, { metric: metric.name })}</span>
      </div>
      {shown === undefined ? (
        <p class="muted">{t("estimates.none")}</p>
      ) : (
        <>
          {estimates.length > 1 ? (
            <div class="set-choice">
              <Choice
                label={t("estimates.set")}
                value={shown.testSet}
                options={estimates.map(({ testSet: value }) => ({ value, text: `${value} (${kindOf(value)})` }))}
                onChoose={onChoose}
              />
            </div>
          ) : (
            <p class="subject">
              {shown.testSet} ({kindOf(shown.testSet)})
            </p>
          )}
          <EstimateTable
            estimates={shown}
            isControl={(arm) => arms.find(({ name }) => name === arm)?.controls.length === 0}
          />
          <p class="hint">
            {t(progress.state === "running" ? "estimates.moving" : "estimates.no.verdict", {
              level: formatNumber(100 * (1 - alpha)),
            })}
          </p>
        </>
      )}
    </section>
  );
}
