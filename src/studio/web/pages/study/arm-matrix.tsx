import { useWords } from "../../texts/texts.ts";
import { type Cell, cellSign, cellWords, type Progress, stageLegend } from "./words.ts";

const LEGEND: readonly Cell[] = (["waiting", "done", "failed", "blocked"] as const).map((state) => ({
  state,
  stage: null,
}));

/** Every training of every arm: a row an arm, a column a seed. */
export function ArmMatrix({ progress }: { readonly progress: Progress }) {
  const words = useWords();
  const { t, number } = words;
  const { arms, seeds } = progress;
  const done = arms.reduce((sum, { cells }) => sum + cells.filter(({ state }) => state === "done").length, 0);
  return (
    <section class="card" aria-labelledby="matrix-title">
      <div class="card-head">
        <h2 id="matrix-title">{t("arms.title")}</h2>
        <span class="muted">{t("arms.scored", { done: number(done), total: number(arms.length * seeds.length) })}</span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by the keyboard */}
      <section class="table-scroll" tabIndex={0} aria-label={t("arms.scrolls")}>
        <table class="matrix">
          <thead>
            <tr>
              <th scope="col">{t("arms.arm")}</th>
              {seeds.map((seed) => (
                <th key={seed} scope="col">
                  <span class="visually-hidden">{t("arms.seed")} </span>
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
                  <td
                    key={seeds[i]}
                    title={t("arms.cell", { name, seed: String(seeds[i]), state: cellWords(cell, words) })}
                  >
                    <span class={`cell ${cell.state}`} aria-hidden="true">
                      {cellSign(cell)}
                    </span>
                    <span class="visually-hidden">{cellWords(cell, words)}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <ul class="matrix-legend" aria-hidden="true">
        {LEGEND.map((cell) => (
          <li key={cell.state}>
            <span class={`cell ${cell.state}`}>{cellSign(cell)}</span> {cellWords(cell, words)}
          </li>
        ))}
        {stageLegend(words).map(([letter, text]) => (
          <li key={letter}>
            <span class="cell running">{letter}</span> {text}
          </li>
        ))}
      </ul>
    </section>
  );
}
