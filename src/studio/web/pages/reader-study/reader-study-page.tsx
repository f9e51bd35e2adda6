import { useState } from "preact/hooks";
import type { StudySummary } from "../../../api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { useResource } from "../../use-resource.ts";
import { NewStudy } from "./new-study.tsx";
import { Reading } from "./reading.tsx";
import { StudyResultsTable } from "./study-results.tsx";

/** Asks a reader's name, then begins. */
function Begin({ study }: { readonly study: StudySummary }) {
  const { t } = useWords();
  const [name, setName] = useState("");
  return (
    <form
      class="begin"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") location.assign(routeTo("reader-study", study.id, { reader: name.trim() }));
      }}
    >
      <label class="field">
        <span class="field-name">{t("reader.you")}</span>
        <input
          type="text"
          value={name}
          maxLength={60}
          required
          list={`readers-${study.id}`}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <datalist id={`readers-${study.id}`}>
        {study.readers.map((reader) => (
          <option key={reader.name} value={reader.name} />
        ))}
      </datalist>
      <button type="submit" class="primary">
        {t("reader.read")}
      </button>
    </form>
  );
}

function StudyCard({ study }: { readonly study: StudySummary }) {
  const { t, count, number } = useWords();
  return (
    <li class="card study">
      <div class="card-head">
        <h2>{study.name}</h2>
        <span class="muted">{count("images.count", study.images)}</span>
      </div>
      {study.readers.length > 0 && (
        <ul class="readers">
          {study.readers.map(({ name, answered }) => (
            <li key={name}>
              <span>{name}</span>
              <progress max={study.images} value={answered} aria-label={t("reader.answers.of", { name })} />
              <span class="muted">{t("study.of", { done: number(answered), total: number(study.images) })}</span>
            </li>
          ))}
        </ul>
      )}
      <div class="study-foot">
        <Begin study={study} />
        <a class="button" href={routeTo("reader-study", study.id, { view: "results" })}>
          {t("study.results")}
        </a>
      </div>
    </li>
  );
}

function Studies() {
  const { t } = useWords();
  const { value: studies, error, reload } = useResource("studies", api.studies);
  return (
    <>
      <div class="page-head">
        <h1>{t("nav.reader-study")}</h1>
        <span class="muted">{t("reader.question")}</span>
      </div>
      {error !== null && <Notice tone="error">{error}</Notice>}
      {studies !== null && studies.length > 0 && (
        <ul class="studies">
          {studies.map((study) => (
            <StudyCard key={study.id} study={study} />
          ))}
        </ul>
      )}
      {studies !== null && <NewStudy onCreated={reload} names={studies.map(({ name }) => name)} />}
    </>
  );
}

/** The reader study: all of them, one that is read, or the results of one. */
export function ReaderStudyPage({ id, query }: { readonly id: string | null; readonly query: URLSearchParams }) {
  const reader = query.get("reader");
  if (id !== null && reader !== null) return <Reading key={`${id} ${reader}`} study={id} reader={reader} />;
  if (id !== null) return <StudyResultsTable study={id} />;
  return <Studies />;
}
