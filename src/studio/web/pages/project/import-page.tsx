import { useState } from "preact/hooks";
import type { Project } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { useResource } from "../../use-resource.ts";
import { FolderBrowser } from "./folder-browser.tsx";
import { CommandForm } from "./form-page.tsx";
import { Found } from "./found.tsx";
import { JobCard } from "./job-card.tsx";
import { newJobId } from "./new-job-id.ts";

/** Pictures of a folder that are shown before it is imported. */
const PICTURES = 10;

/** Images are chosen, looked at, and only then imported. */
export function ImportPage({ project }: { readonly project: Project }) {
  const { t } = useWords();
  const [source, setSource] = useState<string | null>(null);
  return (
    <>
      <p>
        <a href={routeTo("project")}>{t("form.back")}</a>
      </p>
      {source === null ? (
        <FolderBrowser roots={project.roots} onChoose={setSource} />
      ) : (
        <>
          <p class="chosen">
            <span role="status">{t("folder.chosen", { path: source })}</span>{" "}
            <button type="button" class="small" onClick={() => setSource(null)}>
              {t("folder.other")}
            </button>
          </p>
          <Look key={source} project={project} source={source} />
        </>
      )}
    </>
  );
}

function Look({ project, source }: { readonly project: Project; readonly source: string }) {
  const { t } = useWords();
  const [id] = useState(newJobId);
  const [asked, setAsked] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const job = project.jobs.find((one) => one.id === id);
  const { value: found } = useResource(job?.state === "done" ? id : null, () => api.inspection(id));
  const look = async () => {
    setError(null);
    setAsked(true);
    try {
      await api.startJob({ id, command: "inspect", values: { source } });
    } catch (failure) {
      setError((failure as Error).message);
      setAsked(false);
    }
  };
  return (
    <>
      <Pictures source={source} />
      {!asked && (
        <p>
          <button type="button" onClick={look}>
            {t("look.start")}
          </button>{" "}
          <span class="hint">{t("about.inspect")}</span>
        </p>
      )}
      {error !== null && <Notice tone="error">{error}</Notice>}
      {asked && job !== undefined && job.state !== "done" && <JobCard job={job} open />}
      {asked && found === null && error === null && (job === undefined || job.state === "running") && (
        <p class="loading" role="status">
          {t("look.running")}
        </p>
      )}
      {found !== null && <Found found={found} />}
      <section class="card" aria-labelledby="import-title">
        <h2 id="import-title" class="form-title">
          {t("command.import")}
        </h2>
        <p class="muted">{t("about.import")}</p>
        <CommandForm project={project} command="import" settled={{ source }} />
      </section>
    </>
  );
}

/** Some of the images with their classes, and how they are read, without any work on them. */
function Pictures({ source }: { readonly source: string }) {
  const { t } = useWords();
  const { value: preview, error } = useResource(source, () => api.preview(source));
  const id = preview?.id ?? null;
  const { value: images } = useResource(id, () => spread(id!, preview!.images));
  if (error !== null) return <Notice tone="error">{error}</Notice>;
  if (preview === null) return <p class="loading">{t("page.loading")}</p>;
  return (
    <>
      {id !== null && (
        <section class="card" aria-labelledby="pictures-title">
          <h2 id="pictures-title">{t("look.pictures")}</h2>
          <ul class="few-pictures">
            {(images ?? []).map(({ index, label }) => (
              <li key={index}>
                <img src={api.urls.image(id, index, 128)} alt="" />
                <span>{label}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {preview.notes.length > 0 && (
        <section class="card" aria-labelledby="notes-title">
          <h2 id="notes-title">{t("look.notes")}</h2>
          <ul class="notes" lang="en">
            {preview.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** Images at even distances over the dataset. */
async function spread(id: string, total: number) {
  const count = Math.min(PICTURES, total);
  const at = Array.from({ length: count }, (_, i) => Math.floor((i * total) / count));
  const everything = { class: "", split: "", tone: "" };
  const pages = await Promise.all(at.map((offset) => api.images(id, { ...everything, offset, limit: 1 })));
  return pages.flatMap(({ images }) => images);
}
