import type { RunProgress } from "../../../api.ts";
import { useWords } from "../../texts/texts.ts";
import { healthSigns } from "./health-words.ts";

/** How the training does, in plain words; said aloud when it changes. */
export function Health({ progress }: { readonly progress: RunProgress }) {
  const { t } = useWords();
  const signs = healthSigns(progress);
  if (signs.length === 0) return null;
  return (
    <section class="card health" aria-labelledby="health-title">
      <h2 id="health-title">{t("health.title")}</h2>
      <div role="status">
        <ul>
          {signs.map(({ key, values, tone }) => (
            <li key={key} class={tone}>
              {t(key, values)}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
