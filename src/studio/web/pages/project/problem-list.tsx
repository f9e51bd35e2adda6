import { useState } from "preact/hooks";
import type { FoundProblem } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { useWords } from "../../texts/texts.ts";

interface ProblemListProps {
  readonly problems: readonly FoundProblem[];
  /** The dataset that their images are numbered in; null for none. */
  readonly dataset: string | null;
}

/** What a reader found wrong, each beside its picture where there is one, with its place and what mends it. */
export function ProblemList({ problems, dataset }: ProblemListProps) {
  const { t } = useWords();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reached by the keyboard
    <section class="problem-scroll" tabIndex={0} aria-label={t("job.problems")}>
      <ul class="problem-list">
        {problems.map(({ code, path, message, index }) => (
          <li key={`${code} ${path} ${message}`}>
            {dataset !== null && index !== null && <PictureOrNone dataset={dataset} index={index} />}
            <span lang="en">
              <b>{path}</b> {message}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A picture, or a sign that it cannot be shown. */
function PictureOrNone({ dataset, index }: { readonly dataset: string; readonly index: number }) {
  const { t } = useWords();
  const [broken, setBroken] = useState(false);
  if (broken) return <span class="no-picture">{t("look.no.picture")}</span>;
  return <img src={api.urls.image(dataset, index, 128)} alt="" onError={() => setBroken(true)} />;
}
