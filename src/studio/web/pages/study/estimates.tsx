import { Choice } from "../../components/choice.tsx";
import { extent } from "../../components/scale.ts";
import { countOf, formatNumber } from "../../format.ts";
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

function differenceWords({ value, low, high, seeds }: Difference): string {
  const interval = low === null || high === null ? "" : ` (${signed(low)} to ${signed(high)})`;
  return `${signed(value)}${interval}, ${countOf(seeds, "seed")}`;
}

interface EstimateTableProps {
  readonly estimates: SetEstimates;
  /** Whether an arm is held against no other. */
  readonly isControl: (arm: string) => boolean;
}

function EstimateTable({ estimates, isControl }: EstimateTableProps) {
  const all = estimates.arms.flatMap(({ differences }) => differences);
  const [low, high] = extent([0, ...all.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value])]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by the keyboard
    <section class="table-scroll" tabIndex={0} aria-label={`Estimates on ${estimates.testSet}, scrolls sideways`}>
      <table class="estimates">
        <thead>
          <tr>
            <th scope="col">Arm</th>
            <th scope="col">Mean</th>
            <th scope="col">
              Difference to controls, drawn from {signed(low)} to {signed(high)}
            </th>
          </tr>
        </thead>
        <tbody>
          {estimates.arms.map(({ arm, mean, seeds, differences }) => (
            <tr key={arm}>
              <th scope="row">{arm}</th>
              <td>
                {mean.toFixed(3)} <span class="muted">{countOf(seeds, "seed")}</span>
              </td>
              <td>
                {differences.length === 0 && (
                  <span class="muted">{isControl(arm) ? "no control" : "no seed in common with a control yet"}</span>
                )}
                <ul class="differences">
                  {differences.map((difference) => (
                    <li key={difference.control}>
                      <span>to {difference.control}</span>
                      <Whisker difference={difference} low={low} high={high} />
                      <span>{differenceWords(difference)}</span>
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
  const { arms, estimates, testSets, metric, alpha } = progress;
  const shown = estimates.find((one) => one.testSet === testSet) ?? estimates[0];
  const kindOf = (name: string) =>
    testSets.find((set) => set.name === name)?.distribution === "out" ? "out of distribution" : "in distribution";
  return (
    <section class="card" aria-labelledby="estimates-title">
      <div class="card-head">
        <h2 id="estimates-title">{progress.state === "done" ? "Last estimates" : "Running estimates"}</h2>
        <span class="muted">
          {metric.name}, {metric.better} is better
        </span>
      </div>
      {shown === undefined ? (
        <p class="muted">There are no values yet: the first appear when a training has been scored.</p>
      ) : (
        <>
          {estimates.length > 1 ? (
            <div class="set-choice">
              <Choice
                label="Test set"
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
            No verdicts{progress.state === "running" ? ": these figures still move" : ""}. Intervals of{" "}
            {formatNumber(100 * (1 - alpha))} % are of one comparison each and stand from three seeds on; the report’s
            verdicts are corrected for all of them.
          </p>
        </>
      )}
    </section>
  );
}
