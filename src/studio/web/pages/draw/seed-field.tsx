import { Icon } from "../../components/icon.tsx";
import { useWords } from "../../texts/texts.ts";

interface SeedFieldProps {
  readonly value: number;
  readonly onChange: (seed: number) => void;
}

/** Seeds that the dice gives: six digits are easily noted. */
const DICE_SEEDS = 1_000_000;
const MAX_SEED = 4_294_967_295;

/** A seed that nobody chose. */
const throwDice = (): number => crypto.getRandomValues(new Uint32Array(1))[0]! % DICE_SEEDS;

/** The seed of the latent: the same one gives the same picture again. */
export function SeedField({ value, onChange }: SeedFieldProps) {
  const { t } = useWords();
  const set = (text: string) => {
    const seed = Number(text);
    if (text !== "" && Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED) onChange(seed);
  };
  return (
    <div class="field">
      <label class="field-name" for="seed">
        {t("draw.seed")}
      </label>
      <div class="seed">
        <input
          id="seed"
          type="number"
          min={0}
          max={MAX_SEED}
          step={1}
          value={value}
          onChange={(event) => set(event.currentTarget.value)}
        />
        <button type="button" onClick={() => onChange(throwDice())} title={t("draw.shuffle.text")}>
          <Icon name="dice" />
          <span>{t("draw.shuffle")}</span>
        </button>
      </div>
    </div>
  );
}
