import { useEffect, useState } from "preact/hooks";
import type { Slice, Slices } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { useWords } from "../../texts/texts.ts";

/** Pixels of the picture that the window is chosen on. */
const PICTURE = 512;
/** Milliseconds between two pictures while a slider is moved. */
const PACE = 120;

/** Centre and width in units of the modality; null leaves the window to what each file says. */
export type ChosenWindow = { readonly center: number; readonly width: number } | null;

interface WindowChooserProps {
  readonly slices: Slices;
  readonly window: ChosenWindow;
  readonly onChange: (window: ChosenWindow) => void;
}

/** Sliders for the centre and width of the grey window, on pictures of the files as an import makes them. */
export function WindowChooser({ slices, window, onChange }: WindowChooserProps) {
  const { t, number } = useWords();
  const [at, setAt] = useState(0);
  const slice = slices.slices[at]!;
  const shown = useLater(window, PACE);
  const { center, width } = window ?? usualWindow(slice);
  const [low, high] = limitsOf(slice);
  const change = (next: Partial<NonNullable<ChosenWindow>>) => onChange({ center, width, ...next });
  return (
    <section class="card window-chooser" aria-labelledby="window-title">
      <h2 id="window-title">{t("window.title")}</h2>
      <p class="muted">{t("window.text", { files: slices.files })}</p>
      <div class="window-desk">
        <img
          src={api.urls.slice(slices.id, at, shown, PICTURE)}
          alt={t("window.picture", { n: at + 1, total: slices.slices.length })}
        />
        <div class="window-controls">
          <label class="field">
            <span class="field-name">{t("window.slice")}</span>
            <input
              type="range"
              min={0}
              max={slices.slices.length - 1}
              value={at}
              aria-valuetext={t("window.picture", { n: at + 1, total: slices.slices.length })}
              disabled={slices.slices.length === 1}
              onInput={(event) => setAt(Number(event.currentTarget.value))}
            />
          </label>
          <Slider
            name={t("window.center")}
            value={center}
            least={low}
            most={high}
            onChange={(to) => change({ center: to })}
          />
          <Slider
            name={t("window.width")}
            value={width}
            least={Math.max(1, Math.ceil((high - low) / 1000))}
            most={Math.max(2, 2 * (high - low))}
            onChange={(to) => change({ width: to })}
          />
          <p class="hint">
            {t("window.range", { low: number(slice.range[0]), high: number(slice.range[1]) })}
            {slice.modality !== "" && ` (${slice.modality})`}
          </p>
          <p role="status">
            {window === null
              ? t("window.own")
              : t("window.now", { low: number(center - width / 2), high: number(center + width / 2) })}
          </p>
          <div class="folder-actions">
            {slice.windows.slice(0, 6).map((stated, i) => (
              <button
                key={`${stated.center} ${stated.width}`}
                type="button"
                class="small"
                onClick={() => onChange({ center: stated.center, width: stated.width })}
              >
                {stated.name === "" ? t("window.stated", { n: i + 1 }) : stated.name}
              </button>
            ))}
            <button type="button" class="small" onClick={() => onChange(null)} disabled={window === null}>
              {t("window.reset")}
            </button>
          </div>
        </div>
      </div>
    </section>
  );
}

/** What the sliders stand at before anybody moves them: the file's first window, else all of its values. */
function usualWindow({ windows: [first], range: [low, high] }: Slice): NonNullable<ChosenWindow> {
  if (first !== undefined) return { center: Math.round(first.center), width: Math.max(1, Math.round(first.width)) };
  return { center: Math.round((low + high) / 2), width: Math.max(1, Math.round(high - low)) };
}

/** Ends of the slider of the centre: all values, and the centres of the file's own windows. */
const limitsOf = ({ range: [low, high], windows }: Slice): [number, number] => [
  Math.floor(Math.min(low, ...windows.map(({ center }) => center))),
  Math.ceil(Math.max(high, low + 1, ...windows.map(({ center }) => center))),
];

interface SliderProps {
  readonly name: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly onChange: (value: number) => void;
}

/** A number, by a slider and by a field. */
function Slider({ name, value, least, most, onChange }: SliderProps) {
  const entered = (text: string) => {
    const next = Number(text);
    // A number that is half typed says nothing yet.
    if (text !== "" && Number.isFinite(next) && next >= Math.min(least, 1)) onChange(next);
  };
  return (
    <div class="field slider">
      <span class="field-name" aria-hidden="true">
        {name}
      </span>
      <input
        type="range"
        aria-label={name}
        min={least}
        max={most}
        step={1}
        value={value}
        onInput={(event) => entered(event.currentTarget.value)}
      />
      <input
        type="number"
        aria-label={name}
        step={1}
        value={value}
        onInput={(event) => entered(event.currentTarget.value)}
      />
    </div>
  );
}

/** A value once it has stayed the same for a while. */
function useLater<T>(value: T, milliseconds: number): T {
  const [later, setLater] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return later;
}
