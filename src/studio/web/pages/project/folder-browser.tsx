import { useState } from "preact/hooks";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { useWords } from "../../texts/texts.ts";
import { useResource } from "../../use-resource.ts";

interface FolderBrowserProps {
  /** Absolute paths of the folders that may be read. */
  readonly roots: readonly string[];
  /** @param path Absolute. */
  readonly onChoose: (path: string) => void;
}

/** Folders of this machine that the studio may read, to choose one from. */
export function FolderBrowser({ roots, onChoose }: FolderBrowserProps) {
  const { t, count } = useWords();
  const [place, setPlace] = useState<{ readonly root: number; readonly path: string }>({ root: 0, path: "" });
  const { value: listing, error } = useResource(`${place.root} ${place.path}`, () =>
    api.folders(place.root, place.path),
  );
  const into = (name: string) => setPlace({ ...place, path: place.path === "" ? name : `${place.path}/${name}` });
  const up = () => setPlace({ ...place, path: place.path.split("/").slice(0, -1).join("/") });
  return (
    <section class="card folder-browser" aria-labelledby="folder-title">
      <h2 id="folder-title">{t("folder.title")}</h2>
      {roots.length > 1 && (
        <div class="field">
          <label class="field-name" for="folder-root">
            {t("folder.root")}
          </label>
          <select
            id="folder-root"
            value={place.root}
            onChange={(event) => setPlace({ root: Number(event.currentTarget.value), path: "" })}
          >
            {roots.map((root, i) => (
              <option key={root} value={i}>
                {root}
              </option>
            ))}
          </select>
        </div>
      )}
      {error !== null && <Notice tone="error">{error}</Notice>}
      {listing !== null && (
        <>
          <p class="path" role="status">
            {listing.folder}
            {listing.images > 0 && ` – ${count("folder.images", listing.images)}`}
          </p>
          <div class="folder-actions">
            <button type="button" onClick={up} disabled={place.path === ""}>
              {t("folder.up")}
            </button>
            <button type="button" class="primary" onClick={() => onChoose(listing.folder)}>
              {t("folder.here")}
            </button>
          </div>
          <ul class="folders">
            {listing.folders.map((name) => (
              <li key={name}>
                <button type="button" onClick={() => into(name)}>
                  {name}/
                </button>
              </li>
            ))}
            {listing.archives.map((name) => (
              <li key={name}>
                <button type="button" onClick={() => onChoose(`${listing.folder}/${name}`)}>
                  {name}
                </button>
              </li>
            ))}
          </ul>
          {listing.folders.length + listing.archives.length === 0 && <p class="muted">{t("folder.empty")}</p>}
          {listing.cut && <p class="muted">{t("folder.cut")}</p>}
        </>
      )}
    </section>
  );
}
