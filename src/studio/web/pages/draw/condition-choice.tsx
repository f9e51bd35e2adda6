import { useWords } from "../../texts/texts.ts";

interface ConditionChoiceProps {
  readonly classes: readonly string[];
  readonly value: number;
  readonly onChoose: (condition: number) => void;
}

/** Above this a list says more than buttons. */
const BUTTONS = 8;

/** The condition of the lesion. */
export function ConditionChoice({ classes, value, onChoose }: ConditionChoiceProps) {
  const { t } = useWords();
  if (classes.length > BUTTONS) {
    return (
      <label class="field">
        <span class="field-name">{t("draw.condition")}</span>
        <select value={value} onChange={(event) => onChoose(Number(event.currentTarget.value))}>
          {classes.map((name, i) => (
            <option key={name} value={i}>
              {name}
            </option>
          ))}
        </select>
      </label>
    );
  }
  return (
    <fieldset class="field">
      <legend class="field-name">{t("draw.condition")}</legend>
      <div class="pills">
        {classes.map((name, i) => (
          <label key={name} class="pill">
            <input type="radio" name="condition" checked={i === value} onChange={() => onChoose(i)} />
            <span>{name}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
