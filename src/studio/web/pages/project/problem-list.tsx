import type { FoundProblem } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { useWords } from "../../texts/texts.ts";

/** Problems of images that can be decoded themselves. */
const CAN_BE_SHOWN: ReadonlySet<string> = new Set(["mask-size"]);

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
            {dataset !== null &&
              index !== null &&
              (CAN_BE_SHOWN.has(code) ? (
                <img src={api.urls.image(dataset, index, 128)} alt="" />
              ) : (
                <span class="no-picture">{t("look.no.picture")}</span>
              ))}
            <span lang="en">
              <b>{path}</b> {message}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
