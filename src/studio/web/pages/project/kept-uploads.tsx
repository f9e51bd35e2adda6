import { useState } from "preact/hooks";
import type { KeptUpload } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { useWords } from "../../texts/texts.ts";

interface KeptUploadsProps {
  readonly kept: readonly KeptUpload[];
  /** @param path Absolute. */
  readonly onChoose: (path: string) => void;
  readonly onChanged: () => void;
}

/** Earlier uploads of the project: taken again, or removed, which can be undone. */
export function KeptUploads({ kept, onChoose, onChanged }: KeptUploadsProps) {
  const { t, time } = useWords();
  const [removed, setRemoved] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const ask = async (work: Promise<unknown>, after: string | null) => {
    setError(null);
    try {
      await work;
      setRemoved(after);
      onChanged();
    } catch (failure) {
      setError((failure as Error).message);
    }
  };
  if (kept.length === 0 && removed === null) return null;
  return (
    <div class="kept-uploads">
      <h3>{t("upload.kept")}</h3>
      <ul>
        {kept.map(({ name, path, at }) => (
          <li key={name}>
            <span class="path">
              {name} <span class="muted">{time(at)}</span>
            </span>
            <button
              type="button"
              class="small"
              onClick={() => onChoose(path)}
              aria-label={t("upload.use.name", { name })}
            >
              {t("upload.use")}
            </button>
            <button
              type="button"
              class="small"
              onClick={() => ask(api.removeUpload(name), name)}
              aria-label={t("upload.remove.name", { name })}
            >
              {t("upload.remove")}
            </button>
          </li>
        ))}
      </ul>
      <p role="status">
        {removed !== null && (
          <>
            {t("upload.removed", { name: removed })}{" "}
            <button type="button" class="small" onClick={() => ask(api.restoreUpload(removed), null)}>
              {t("upload.undo")}
            </button>
          </>
        )}
      </p>
      {error !== null && <Notice tone="error">{error}</Notice>}
    </div>
  );
}
