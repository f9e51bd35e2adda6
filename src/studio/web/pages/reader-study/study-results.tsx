import { percentFixed } from "../../../../core/percent.ts";
import type { Share } from "../../../api.ts";
import { api } from "../../api-client.ts";
import { Icon } from "../../components/icon.tsx";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { useResource } from "../../use-resource.ts";
import { verdictWords } from "./verdict-words.ts";

/** A share with its interval: the point, and a line from end to end on a scale of 0 to 1. */
function ShareCells({ share }: { readonly share: Share }) {
  const { t } = useWords();
  const { hits, n, value, low, high } = share;
  if (value === null || low === null || high === null) {
    return (
      <>
        <td class="number">–</td>
        <td class="interval muted">{t("reader.no.answer")}</td>
      </>
    );
  }
  return (
    <>
      <td class="number">
        {percentFixed(value)}{" "}
        <span class="muted">
          {hits}/{n}
        </span>
      </td>
      <td class="interval">
        <svg
          viewBox="-4 0 108 14"
          role="img"
          aria-label={t("reader.interval", { low: percentFixed(low), high: percentFixed(high) })}
        >
          <line class="half" x1={50} x2={50} y1={1} y2={13} />
          <line class="range" x1={100 * low} x2={100 * high} y1={7} y2={7} />
          <circle cx={100 * value} cy={7} r={3} />
        </svg>
        <span class="muted">
          {percentFixed(low)} – {percentFixed(high)}
        </span>
      </td>
    </>
  );
}

/** How often readers called synthetic images and real images synthetic, by reader and class. */
export function StudyResultsTable({ study }: { readonly study: string }) {
  const { t, number } = useWords();
  const { value: results, error, reload } = useResource(`results ${study}`, () => api.results(study));
  const { value: studies } = useResource("studies", api.studies);
  const verdict = results === null ? null : verdictWords(results);
  const name = studies?.find(({ id }) => id === study)?.name ?? "";
  return (
    <>
      <div class="page-head">
        <h1>{t("study.results")}</h1>
        <span class="subject">{name}</span>
        <span class="head-actions">
          <button type="button" class="quiet" onClick={reload}>
            {t("reader.refresh")}
          </button>
          <a class="button" href={api.urls.answers(study)} download>
            <Icon name="download" /> {t("reader.csv")}
          </a>
          <a class="button quiet" href={api.urls.results(study)} download>
            <Icon name="download" /> {t("reader.json")}
          </a>
          <a class="button quiet" href={routeTo("reader-study")}>
            {t("reader.all")}
          </a>
        </span>
      </div>
      {error !== null && <Notice tone="error">{error}</Notice>}
      {results !== null && (
        <section class="card">
          <h2 class="finding">{verdict !== null && t(verdict.key, verdict.values)}</h2>
          <p class="kappa">
            {results.kappa === null ? (
              t("reader.kappa.none")
            ) : (
              <>
                {t("reader.kappa")} <b>{results.kappa.value.toFixed(2)}</b>{" "}
                <span class="muted">
                  {t("reader.kappa.of", {
                    readers: number(results.kappa.readers),
                    images: number(results.kappa.images),
                  })}
                </span>
              </>
            )}
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reached by the keyboard */}
          <section class="table-scroll" tabIndex={0} aria-label={t("study.results")}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("reader.reader")}</th>
                  <th scope="col">{t("reader.class")}</th>
                  <th scope="col" colSpan={2}>
                    {t("reader.tpr")}
                  </th>
                  <th scope="col" colSpan={2}>
                    {t("reader.fpr")}
                  </th>
                </tr>
              </thead>
              <tbody>
                {results.rows.map(({ reader, label, truePositive, falsePositive }) => (
                  <tr key={`${reader} ${label}`} class={reader === "all" && label === "all" ? "total" : undefined}>
                    <th scope="row">{reader === "all" ? t("reader.all.readers") : reader}</th>
                    <td>{label === "all" ? t("reader.all.classes") : label}</td>
                    <ShareCells share={truePositive} />
                    <ShareCells share={falsePositive} />
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <p class="hint">{t("reader.hint")}</p>
        </section>
      )}
    </>
  );
}
