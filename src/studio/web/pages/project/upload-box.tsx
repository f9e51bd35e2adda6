import { useEffect, useRef, useState } from "preact/hooks";
import type { UploadList } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { useWords, type Words } from "../../texts/texts.ts";
import { type ChosenFile, filesOfDrop, filesOfInput, withoutSystemFiles } from "../../upload/chosen-files.ts";
import { sendUpload, UploadError, type UploadProgress } from "../../upload/send-upload.ts";
import { useResource } from "../../use-resource.ts";
import { KeptUploads } from "./kept-uploads.tsx";
import { newJobId } from "./new-job-id.ts";

/** Files, a folder or a zip archive are dropped here or chosen, and sent to the project. */
export function UploadBox({ onChoose }: { readonly onChoose: (path: string) => void }) {
  const { t } = useWords();
  const [over, setOver] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [progress, setProgress] = useState<UploadProgress | null>(null);
  const running = useRef<AbortController | null>(null);
  const { value: list, reload } = useResource("uploads", api.uploads);
  // Whoever leaves the page gives the upload up.
  useEffect(() => () => running.current?.abort(), []);

  async function send(chosen: Promise<readonly ChosenFile[]>): Promise<void> {
    setError(null);
    const stop = new AbortController();
    running.current?.abort();
    running.current = stop;
    try {
      const files = withoutSystemFiles(await chosen);
      if (files.length === 0) return setError(t("upload.none"));
      onChoose(await sendUpload(newJobId(), files, stop.signal, setProgress));
    } catch (failure) {
      setError(stop.signal.aborted ? t("upload.cancelled") : failureText(failure, t));
      reload();
    } finally {
      setProgress(null);
      if (running.current === stop) running.current = null;
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer !== null) void send(filesOfDrop(event.dataTransfer));
  };
  return (
    <section
      class={`card upload-box${over ? " over" : ""}`}
      aria-labelledby="upload-title"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <h2 id="upload-title">{t("upload.title")}</h2>
      <p>{t("upload.text")}</p>
      {list !== null && <p class="hint">{limitsText(list, t)}</p>}
      {progress === null ? (
        <div class="folder-actions">
          <Chooser name={t("upload.files")} onFiles={(files) => void send(Promise.resolve(files))} />
          <Chooser name={t("upload.folder")} folder onFiles={(files) => void send(Promise.resolve(files))} />
        </div>
      ) : (
        <Sending progress={progress} onCancel={() => running.current?.abort()} />
      )}
      {error !== null && (
        <Notice tone="error">
          <span class="lines">{error}</span>
        </Notice>
      )}
      {progress === null && list !== null && <KeptUploads kept={list.kept} onChoose={onChoose} onChanged={reload} />}
    </section>
  );
}

/** A size in the largest unit that leaves a whole number. */
function sizeText(bytes: number, t: Words["t"]): string {
  const unit = bytes >= 2 ** 30 ? "GiB" : bytes >= 2 ** 20 ? "MiB" : "KiB";
  const divisor = { GiB: 2 ** 30, MiB: 2 ** 20, KiB: 2 ** 10 }[unit];
  return t("upload.size", { n: Math.ceil(bytes / divisor), unit });
}

const limitsText = ({ limits }: UploadList, t: Words["t"]): string =>
  t("upload.limits", {
    files: limits.files,
    size: sizeText(limits.bytes, t),
    unpacked: sizeText(limits.unpackedBytes, t),
  });

function failureText(failure: unknown, t: Words["t"]): string {
  if (!(failure instanceof UploadError)) return (failure as Error).message;
  return failure.kind === "said" ? failure.message : t(`upload.${failure.kind}`, { path: failure.message });
}

interface ChooserProps {
  readonly name: string;
  /** Chooses a whole folder. Defaults to files. */
  readonly folder?: boolean;
  readonly onFiles: (files: readonly ChosenFile[]) => void;
}

/** A button that opens the browser's own chooser. */
function Chooser({ name, folder = false, onFiles }: ChooserProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        {...(folder ? { webkitdirectory: true } : {})}
        aria-label={name}
        onChange={({ currentTarget }) => {
          onFiles(filesOfInput(currentTarget));
          // The same files may be chosen again.
          currentTarget.value = "";
        }}
      />
      <button type="button" onClick={() => input.current?.click()}>
        {name}
      </button>
    </>
  );
}

function Sending({ progress, onCancel }: { readonly progress: UploadProgress; readonly onCancel: () => void }) {
  const { t } = useWords();
  const { stage, files, totalFiles, bytes, totalBytes } = progress;
  const share = stage === "sending" ? bytes / Math.max(1, totalBytes) : files / Math.max(1, totalFiles);
  const name = t(`upload.${stage}`);
  return (
    <div class="job-progress">
      <progress aria-label={name} max={1} value={Math.min(1, share)} />
      <p>
        {t("upload.progress", { what: name, done: files, total: totalFiles })}
        {stage === "sending" && ` · ${t("upload.of", { done: sizeText(bytes, t), total: sizeText(totalBytes, t) })}`}
      </p>
      {/* Said once, not with every file. */}
      <p class="visually-hidden" role="status">
        {name}
      </p>
      <button type="button" onClick={onCancel}>
        {t("upload.cancel")}
      </button>
    </div>
  );
}
