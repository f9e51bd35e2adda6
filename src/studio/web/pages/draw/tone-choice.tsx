import { TONE_NAMES, TONES } from "../../../../data/maps/semantic-map.ts";
import { useWords } from "../../texts/texts.ts";

interface ToneChoiceProps {
  readonly value: number;
  /** The generator learned from tones that were estimated from pixels. */
  readonly estimated: boolean;
  readonly onChoose: (tone: number) => void;
}

/** The skin's tone, Fitzpatrick type I to VI, as swatches. */
export function ToneChoice({ value, estimated, onChoose }: ToneChoiceProps) {
  const { t } = useWords();
  return (
    <fieldset class="field">
      <legend class="field-name">
        {t("draw.tone")}
        {estimated && (
          <span class="mark-estimated" title={t("draw.estimated.text")}>
            {t("draw.estimated")}
          </span>
        )}
      </legend>
      <div class="swatches">
        {TONES.map((tone) => (
          <label key={tone} class={`swatch tone-${tone}`}>
            <input
              type="radio"
              name="tone"
              aria-label={t("draw.tone.n", { tone: TONE_NAMES[tone - 1]! })}
              checked={tone === value}
              onChange={() => onChoose(tone)}
            />
            <span>{TONE_NAMES[tone - 1]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
