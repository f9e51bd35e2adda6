import type { FoundProblem } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { useWords } from "../../texts/texts.ts";

interface ProblemListProps {
  readonly problems: readonly FoundProblem[];
  /** The dataset that their images are numbered in; null for none. */
  readonly dataset: string | null;
}

/** What a reader found wrong, each beside its picture or row where there is one, with its place and what mends it. */
export function ProblemList({ problems, dataset }: ProblemListProps) {
  const { t } = useWords();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reached by the keyboard
    <section class="problem-scroll" tabIndex={0} aria-label={t("job.problems")}>
      <ul class="problem-list">
        {problems.map(({ code, path, message, index, decodes, row }) => (
          <li key={`${code} ${path} ${message}`}>
            {dataset !== null &&
              index !== null &&
              (decodes ? (
                <img src={api.urls.image(dataset, index, 128)} alt="" />
              ) : (
                <span class="no-picture">{t("look.no.picture")}</span>
              ))}
            <div lang="en">
              {path !== "" && <b>{path}</b>} {message}
              {row !== null && (
                <dl class="problem-row">
                  {row.map(({ column, cell }, i) => (
                    <div key={i}>
                      <dt>{column === "" ? "–" : column}</dt>
                      <dd>{cell === "" ? "–" : cell}</dd>
                    </div>
                  ))}
                </dl>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
