import { useState } from "preact/hooks";
import type { StudySummary } from "../../../api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { countOf } from "../../format.ts";
import { routeTo } from "../../routing.ts";
import { useResource } from "../../use-resource.ts";
import { NewStudy } from "./new-study.tsx";
import { Reading } from "./reading.tsx";
import { StudyResultsTable } from "./study-results.tsx";

/** Asks a reader's name, then begins. */
function Begin({ study }: { readonly study: StudySummary }) {
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
        <span class="field-name">Your name or code</span>
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
        Read
      </button>
    </form>
  );
}

function StudyCard({ study }: { readonly study: StudySummary }) {
  return (
    <li class="card study">
      <div class="card-head">
        <h3>{study.name}</h3>
        <span class="muted">{countOf(study.images, "image")}</span>
      </div>
      {study.readers.length > 0 && (
        <ul class="readers">
          {study.readers.map(({ name, answered }) => (
            <li key={name}>
              <span>{name}</span>
              <progress max={study.images} value={answered} aria-label={`Answers of ${name}`} />
              <span class="muted">
                {answered} of {study.images}
              </span>
            </li>
          ))}
        </ul>
      )}
      <div class="study-foot">
        <Begin study={study} />
        <a class="button" href={routeTo("reader-study", study.id, { view: "results" })}>
          Results
        </a>
      </div>
    </li>
  );
}

function Studies() {
  const { value: studies, error, reload } = useResource("studies", api.studies);
  return (
    <>
      <div class="page-head">
        <h1>Reader study</h1>
        <span class="muted">Can people distinguish synthetic images from real ones?</span>
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
