import { type Cell, cellSign, cellWords, type Progress, STAGE_LEGEND } from "./words.ts";

const LEGEND: readonly (readonly [Cell, string])[] = [
  [{ state: "waiting", stage: null }, "waiting"],
  [{ state: "done", stage: null }, "done"],
  [{ state: "failed", stage: null }, "failed"],
  [{ state: "blocked", stage: null }, "blocked by a failure"],
];

/** Every training of every arm: a row an arm, a column a seed. */
export function ArmMatrix({ progress }: { readonly progress: Progress }) {
  const { arms, seeds } = progress;
  const done = arms.reduce((sum, { cells }) => sum + cells.filter(({ state }) => state === "done").length, 0);
  return (
    <section class="card" aria-labelledby="matrix-title">
      <div class="card-head">
        <h2 id="matrix-title">Arms and seeds</h2>
        <span class="muted">
          {done} of {arms.length * seeds.length} trainings scored
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by the keyboard */}
      <section class="table-scroll" tabIndex={0} aria-label="Arms and seeds, scrolls sideways">
        <table class="matrix">
          <thead>
            <tr>
              <th scope="col">Arm</th>
              {seeds.map((seed) => (
                <th key={seed} scope="col">
                  <span class="visually-hidden">seed </span>
                  {seed}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {arms.map(({ name, cells }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {cells.map((cell, i) => (
                  <td key={seeds[i]} title={`${name}, seed ${seeds[i]}: ${cellWords(cell)}`}>
                    <span class={`cell ${cell.state}`} aria-hidden="true">
                      {cellSign(cell)}
                    </span>
                    <span class="visually-hidden">{cellWords(cell)}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <ul class="matrix-legend" aria-hidden="true">
        {LEGEND.map(([cell, words]) => (
          <li key={words}>
            <span class={`cell ${cell.state}`}>{cellSign(cell)}</span> {words}
          </li>
        ))}
        {STAGE_LEGEND.map(([letter, words]) => (
          <li key={letter}>
            <span class="cell running">{letter}</span> {words}
          </li>
        ))}
      </ul>
    </section>
  );
}
