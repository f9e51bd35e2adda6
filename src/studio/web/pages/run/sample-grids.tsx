import { useEffect, useState } from "preact/hooks";
import { api } from "../../api-client.ts";
import { useWords } from "../../texts/texts.ts";

interface SampleGridsProps {
  readonly run: string;
  /** Names of the grids in order. */
  readonly samples: readonly string[];
}

const COUNT = /^\d+$/;

/** Grids of generated images through the training, the real images beside them. */
export function SampleGrids({ run, samples }: SampleGridsProps) {
  const { t, number } = useWords();
  const titleOf = (name: string) => t("run.grid", { images: number(Number(name)) });
  const grids = samples.filter((name) => COUNT.test(name));
  const others = samples.filter((name) => !COUNT.test(name));
  const [chosen, setChosen] = useState<number | null>(null);
  const last = grids.length - 1;
  const place = Math.min(chosen ?? last, last);
  // The next ones are asked for before they are wanted.
  useEffect(() => {
    for (const near of [place - 1, place + 1]) {
      if (near >= 0 && near <= last) new Image().src = api.urls.sample(run, grids[near]!);
    }
  }, [run, place, last, grids]);
  if (samples.length === 0) return <p class="muted">{t("run.grid.none")}</p>;
  return (
    <section class="card grids">
      {grids.length > 0 && (
        <figure>
          <figcaption class="card-head">
            <h3>{titleOf(grids[place]!)}</h3>
          </figcaption>
          <img src={api.urls.sample(run, grids[place]!)} alt={titleOf(grids[place]!)} />
          {last > 0 && (
            <label class="grid-slider">
              <span class="visually-hidden">{t("run.grid.earlier")}</span>
              <input
                type="range"
                min={0}
                max={last}
                value={place}
                aria-valuetext={titleOf(grids[place]!)}
                onInput={(event) => {
                  const value = Number(event.currentTarget.value);
                  setChosen(value === last ? null : value);
                }}
              />
              <span class="muted">{t("run.grid.place", { n: number(place + 1), total: number(grids.length) })}</span>
            </label>
          )}
        </figure>
      )}
      {others.map((name) => (
        <figure key={name}>
          <figcaption class="card-head">
            <h3>{name === "real" ? t("run.grid.real") : name}</h3>
          </figcaption>
          <img src={api.urls.sample(run, name)} alt={name === "real" ? t("run.grid.real") : name} />
        </figure>
      ))}
    </section>
  );
}
