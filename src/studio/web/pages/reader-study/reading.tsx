import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { StudyAnswer, StudyQuestion } from "../../../api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { openPictureStore } from "./picture-store.ts";

interface ReadingProps {
  readonly study: string;
  readonly reader: string;
}

type Answer = StudyAnswer["answer"];
const KEYS: Readonly<Record<string, Answer>> = { r: "real", s: "synthetic" };

/** One image after the other, two keys. Nothing on the page depends on the truth. */
export function Reading({ study, reader }: ReadingProps) {
  const { t, number } = useWords();
  const [question, setQuestion] = useState<StudyQuestion | null>(null);
  const [error, setError] = useState<string | null>(null);
  /** Key of the picture that is on the screen: only it can be answered. */
  const [shown, setShown] = useState<string | null>(null);
  const [picture, setPicture] = useState<{ readonly key: string; readonly url: string } | null>(null);
  const store = useMemo(() => openPictureStore((key) => api.urls.studyImage(study, key)), [study]);
  useEffect(() => store.close, [store]);
  const shownAt = useRef(0);
  const sending = useRef(false);

  useEffect(() => {
    let current = true;
    api.question(study, reader).then(
      (first) => current && setQuestion(first),
      (failure) => current && setError((failure as Error).message),
    );
    return () => {
      current = false;
    };
  }, [study, reader]);

  const key = question?.key ?? null;
  const following = question?.following ?? null;
  useEffect(() => {
    if (key === null) return;
    let current = true;
    store.load(key).then(
      (url) => current && setPicture({ key, url }),
      (failure) => current && setError(`${(failure as Error).message} ${t("reader.reload")}`),
    );
    return () => {
      current = false;
      store.forget(key);
    };
  }, [store, key]);
  // The next picture is there before the answer to this one is given.
  useEffect(() => {
    if (following !== null) store.load(following).catch(() => {});
  }, [store, following]);

  async function answer(given: Answer): Promise<void> {
    if (key === null || shown !== key || sending.current) return;
    sending.current = true;
    const milliseconds = Math.round(performance.now() - shownAt.current);
    try {
      setQuestion(await api.answer(study, { reader, key, answer: given, milliseconds }));
      setError(null);
    } catch (failure) {
      setError((failure as Error).message);
    } finally {
      sending.current = false;
    }
  }

  const latest = useRef(answer);
  latest.current = answer;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      const given = KEYS[event.key.toLowerCase()];
      if (given !== undefined) void latest.current(given);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);

  const done = question !== null && question.key === null;
  const answered = question?.answered ?? 0;
  const ready = key !== null && shown === key;
  return (
    <div class="reading">
      <div class="page-head">
        <h1>{t("reader.which")}</h1>
        <span class="subject">{reader}</span>
        <a class="button quiet" href={routeTo("reader-study")}>
          {t("job.pause")}
        </a>
      </div>
      {error !== null && <Notice tone="error">{error}</Notice>}
      {question !== null && (
        <div class="reading-progress">
          <progress max={question.images} value={answered} aria-label={t("reader.progress")} />
          <span class="muted" aria-live="polite">
            {t("study.of", { done: number(answered), total: number(question.images) })}
          </span>
        </div>
      )}
      {done ? (
        <Notice tone="done">
          {t("reader.thanks")} <a href={routeTo("reader-study", study, { view: "results" })}>{t("reader.see")}</a>
        </Notice>
      ) : (
        <>
          <div class={ready ? "reading-picture" : "reading-picture waiting"}>
            {picture !== null && picture.key === key && (
              <img
                key={picture.key}
                src={picture.url}
                alt={t("reader.judged")}
                onLoad={() => {
                  shownAt.current = performance.now();
                  setShown(picture.key);
                }}
              />
            )}
          </div>
          <div class="reading-answers">
            <button type="button" disabled={!ready} onClick={() => answer("real")}>
              <kbd>R</kbd> {t("reader.real")}
            </button>
            <button type="button" disabled={!ready} onClick={() => answer("synthetic")}>
              <kbd>S</kbd> {t("images.synthetic")}
            </button>
          </div>
        </>
      )}
    </div>
  );
}
