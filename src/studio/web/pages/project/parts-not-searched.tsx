import type { InspectionSummary } from "../../../project-api.ts";
import { Command } from "../../components/command.tsx";
import { useWords } from "../../texts/texts.ts";

interface PartsNotSearchedProps {
  readonly found: InspectionSummary;
  readonly onSearch: () => void;
}

/** That cropped, mirrored and turned copies were not looked for, how long that takes, and how it is done. */
export function PartsNotSearched({ found: { partsNotSearched }, onSearch }: PartsNotSearchedProps) {
  const { t, duration } = useWords();
  if (partsNotSearched === null) return null;
  const { images, most, why, coreSeconds, command } = partsNotSearched;
  return (
    <section class="card" aria-labelledby="parts-title">
      <h2 id="parts-title">{t("look.parts.title")}</h2>
      <p>{t(`look.parts.${why}`, { images, most })}</p>
      <p class="muted">{t("look.parts.time", { time: duration(coreSeconds) })}</p>
      {command !== null && <Command line={command} />}
      <p>
        <button type="button" onClick={onSearch}>
          {t("look.parts.start")}
        </button>
      </p>
    </section>
  );
}
