import { TONE_NAMES, TONES } from "../../../../data/maps/semantic-map.ts";

interface ToneChoiceProps {
  readonly value: number;
  /** The generator learned from tones that were estimated from pixels. */
  readonly estimated: boolean;
  readonly onChoose: (tone: number) => void;
}

/** The skin's tone, Fitzpatrick type I to VI, as swatches. */
export const ToneChoice = ({ value, estimated, onChoose }: ToneChoiceProps) => (
  <fieldset class="field">
    <legend class="field-name">
      Skin tone
      {estimated && (
        <span class="mark-estimated" title="Trained on tones that were estimated from the pixels outside the lesion">
          estimated
        </span>
      )}
    </legend>
    <div class="swatches">
      {TONES.map((tone) => (
        <label key={tone} class={`swatch tone-${tone}`}>
          <input
            type="radio"
            name="tone"
            aria-label={`Tone ${TONE_NAMES[tone - 1]}`}
            checked={tone === value}
            onChange={() => onChoose(tone)}
          />
          <span>{TONE_NAMES[tone - 1]}</span>
        </label>
      ))}
    </div>
  </fieldset>
);
