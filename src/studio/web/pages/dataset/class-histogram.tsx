import { TONE_NAMES } from "../../../../data/maps/semantic-map.ts";
import type { DatasetSummary } from "../../../api.ts";
import { api } from "../../api-client.ts";
import { useWords } from "../../texts/texts.ts";
import { useResource } from "../../use-resource.ts";

interface ClassHistogramProps {
  readonly dataset: DatasetSummary;
  /** Class that is filtered by; empty for none. */
  readonly chosen: string;
  readonly onChoose: (name: string) => void;
}

/** Images of each split, by class. */
async function countSplits({ id, classes, splits }: DatasetSummary): Promise<Map<string, number[]>> {
  const count = async (name: string, split: string) =>
    (await api.images(id, { class: name, split, tone: "", offset: 0, limit: 1 })).total;
  const counts = await Promise.all(classes.map(({ name }) => Promise.all(splits.map((split) => count(name, split)))));
  return new Map(classes.map(({ name }, i) => [name, counts[i]!]));
}

/** Images of each class as bars, in parts of a split each; a click filters by the class. */
export function ClassHistogram({ dataset, chosen, onChoose }: ClassHistogramProps) {
  const { t, number } = useWords();
  const { splits, tones } = dataset;
  const classes = [...dataset.classes].sort((a, b) => b.count - a.count);
  const { value: bySplit } = useResource(splits.length > 1 ? `splits of ${dataset.id}` : null, () =>
    countSplits(dataset),
  );
  const most = Math.max(1, ...classes.map(({ count }) => count));
  const least = Math.max(1, Math.min(...classes.map(({ count }) => count)));
  return (
    <section class="histogram card" aria-label={t("counts.title")}>
      <div class="card-head">
        <h2>{t("data.classes")}</h2>
        <span class="muted">{t("data.imbalance", { ratio: (most / least).toFixed(1) })}</span>
        {bySplit !== null && (
          <ul class="legend">
            {splits.map((split, s) => (
              <li key={split} class={`series-${s}`}>
                {split}
              </li>
            ))}
          </ul>
        )}
      </div>
      <div class="bars">
        {classes.map(({ name, count }) => {
          const parts = bySplit?.get(name) ?? [count];
          const said = bySplit === null ? "" : `: ${splits.map((split, s) => `${split} ${parts[s]}`).join(", ")}`;
          return (
            <button
              key={name}
              type="button"
              class="bar"
              aria-pressed={name === chosen}
              title={`${name}: ${count}${said}`}
              onClick={() => onChoose(name)}
            >
              <span class="visually-hidden">{t("data.bar", { name, n: number(count), said })}</span>
              <span class="bar-name" aria-hidden="true">
                {name}
              </span>
              <span class="bar-track" aria-hidden="true">
                {parts.map((part, s) => (
                  <span
                    key={splits[s] ?? ""}
                    class={`bar-part series-${s}`}
                    style={{ width: `${(100 * part) / most}%` }}
                  />
                ))}
              </span>
              <span class="bar-count" aria-hidden="true">
                {number(count)}
              </span>
            </button>
          );
        })}
      </div>
      {tones !== null && (
        <p class="tone-counts">
          <span class="muted">{t(dataset.tonesEstimated ? "data.tones.estimated" : "data.tones")}</span>
          {tones.map((count, i) => (
            <span key={TONE_NAMES[i]} class={`tone-count tone-${i + 1}`}>
              <b>{TONE_NAMES[i]}</b> {number(count)}
            </span>
          ))}
        </p>
      )}
    </section>
  );
}
