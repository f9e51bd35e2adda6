import { useWords } from "../../texts/texts.ts";
import { type ClassRow, isCountable } from "./class-counts.ts";

interface ClassSlidersProps {
  readonly legend: string;
  readonly rows: readonly ClassRow[];
  /** Value of the slider of each class. */
  readonly values: ReadonlyMap<string, number>;
  /** End of every slider. */
  readonly most: number;
  readonly onChange: (name: string, value: number) => void;
}

/** A slider for each class, with its real and synthetic images as a bar that follows. */
export function ClassSliders({ legend, rows, values, most, onChange }: ClassSlidersProps) {
  const { t, number } = useWords();
  const longest = Math.max(1, ...rows.map(({ real, synthetic }) => real + synthetic));
  const width = (count: number) => ({ width: `${(100 * count) / longest}%` });
  return (
    <fieldset class="class-sliders">
      <legend>{legend}</legend>
      <ul class="legend" aria-hidden="true">
        <li class="series-0">{t("counts.real")}</li>
        <li class="series-1">{t("counts.synthetic")}</li>
      </ul>
      {rows.map(({ name, real, synthetic }, i) => {
        const shown = name === "" ? "–" : name;
        const value = values.get(name) ?? 0;
        const isOpen = isCountable(name);
        return (
          <div key={name} class="class-slider">
            <span class="class-name" id={`class-${i}`}>
              {shown}
            </span>
            <input
              type="range"
              min={0}
              max={most}
              value={value}
              disabled={!isOpen}
              aria-labelledby={`class-${i}`}
              aria-valuetext={t("counts.said", { real, synthetic })}
              onInput={(event) => onChange(name, Number(event.currentTarget.value))}
            />
            <input
              type="number"
              min={0}
              max={1_000_000}
              value={value}
              disabled={!isOpen}
              aria-labelledby={`class-${i}`}
              onInput={(event) => onChange(name, Math.max(0, Math.round(Number(event.currentTarget.value) || 0)))}
            />
            <span class="class-bar" aria-hidden="true">
              <span class="bar-part series-0" style={width(real)} />
              <span class="bar-part series-1" style={width(synthetic)} />
            </span>
            <span class="muted class-sum">{t("counts.sum", { real: number(real), synthetic: number(synthetic) })}</span>
          </div>
        );
      })}
    </fieldset>
  );
}
