import { useEffect, useState } from "preact/hooks";
import type { Project, ReadAs } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { useResource } from "../../use-resource.ts";
import { FolderBrowser } from "./folder-browser.tsx";
import { CommandForm } from "./form-page.tsx";
import { FoundColumns } from "./found-columns.tsx";
import { Inspect } from "./inspect.tsx";
import { ProblemList } from "./problem-list.tsx";
import { UploadBox } from "./upload-box.tsx";
import type { Values } from "./use-job-form.tsx";
import { type ChosenWindow, WindowChooser } from "./window-chooser.tsx";

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
        <>
          <UploadBox onChoose={setSource} />
          <FolderBrowser roots={project.roots} onChoose={setSource} />
        </>
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

/** What was found in the source, what a person says to it, and the form of the import. */
function Look({ project, source }: { readonly project: Project; readonly source: string }) {
  const { t, count } = useWords();
  const [read, setRead] = useState<ReadAs>({});
  const [leftOut, setLeftOut] = useState<ReadonlySet<number>>(new Set());
  const [window, setWindow] = useState<ChosenWindow>(null);
  const reading = `${source} ${JSON.stringify(read)}`;
  const { value: preview, error } = useResource(reading, () => api.preview(source, read));
  const id = preview?.id ?? null;
  // Pictures of DICOM are to be had where images of a dataset are not.
  const { value: slices } = useResource(preview !== null && id === null ? source : null, () => api.slices(source));
  // Numbers of images are those of one reading.
  useEffect(() => setLeftOut(new Set()), [id]);
  if (error !== null) return <Notice tone="error">{error}</Notice>;
  if (preview === null) {
    return (
      <p class="loading" role="status">
        {t("page.loading")}
      </p>
    );
  }
  const settled: Values = {
    source,
    leaveOut: id === null ? [] : [...leftOut].map((index) => `${id}/${index}`),
    ...(slices === null ? {} : { window: window === null ? "" : `${window.center},${window.width}` }),
    // DICOM has attributes and volumes have folders in place of columns, which the form asks for.
    ...(preview.importFirst || (id === null && slices !== null)
      ? {}
      : {
          label: read.label ?? "",
          patient: read.patient ?? "",
          split: read.split ?? "",
          mask: read.mask ?? "",
          skipDamaged: read.skipDamaged ?? false,
        }),
  };
  return (
    <>
      {id !== null && <Pictures id={id} images={preview.images} />}
      {preview.importFirst && <Notice>{t("look.import.first")}</Notice>}
      {slices !== null && <WindowChooser slices={slices} window={window} onChange={setWindow} />}
      {preview.problems.length > 0 && (
        <section class="card" aria-labelledby="problems-title">
          <h2 id="problems-title">{t("look.unreadable")}</h2>
          <ProblemList problems={preview.problems} dataset={null} />
          {read.skipDamaged !== true && (
            <p>
              <button type="button" onClick={() => setRead({ ...read, skipDamaged: true })}>
                {t("look.leave.damaged")}
              </button>
            </p>
          )}
        </section>
      )}
      {preview.columns.length > 0 && (
        <FoundColumns preview={preview} read={read} onRead={(next) => setRead({ ...read, ...next })} />
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
      {id !== null && (
        <Inspect
          key={reading}
          project={project}
          source={source}
          read={read}
          dataset={id}
          leftOut={leftOut}
          onLeaveOut={setLeftOut}
          onSkipDamaged={(skipDamaged) => setRead({ ...read, skipDamaged })}
        />
      )}
      <section class="card" aria-labelledby="import-title">
        <h2 id="import-title" class="form-title">
          {t("command.import")}
        </h2>
        <p class="muted">{t("about.import")}</p>
        {leftOut.size > 0 && (
          <p>
            <span role="status">{count("look.left", leftOut.size)}</span>{" "}
            <button type="button" class="small" onClick={() => setLeftOut(new Set())}>
              {t("look.left.none")}
            </button>
          </p>
        )}
        {read.skipDamaged === true && (
          <p>
            {t("look.skips")}{" "}
            <button type="button" class="small" onClick={() => setRead({ ...read, skipDamaged: false })}>
              {t("upload.undo")}
            </button>
          </p>
        )}
        <CommandForm project={project} command="import" settled={settled} />
      </section>
    </>
  );
}

/** Some of the images with their classes, without any work on them. */
function Pictures({ id, images: total }: { readonly id: string; readonly images: number }) {
  const { t } = useWords();
  const { value: images } = useResource(id, () => spread(id, total));
  return (
    <section class="card" aria-labelledby="pictures-title">
      <h2 id="pictures-title">{t("look.pictures")}</h2>
      <ul class="few-pictures">
        {(images ?? []).map(({ index, label }) => (
          <li key={index}>
            <Picture url={api.urls.image(id, index, 128)} />
            <span>{label}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A picture, or that there is none: nothing has been decoded before. */
function Picture({ url }: { readonly url: string }) {
  const { t } = useWords();
  const [failed, setFailed] = useState(false);
  return failed ? (
    <span class="no-picture">{t("look.no.picture")}</span>
  ) : (
    <img src={url} alt="" onError={() => setFailed(true)} />
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
