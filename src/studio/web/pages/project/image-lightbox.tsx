import { useEffect, useRef } from "preact/hooks";
import type { SetImage } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Facts } from "../../components/facts.tsx";
import { Icon } from "../../components/icon.tsx";
import { useWords } from "../../texts/texts.ts";

interface ImageLightboxProps {
  readonly set: string;
  /** Dataset of the nearest training image; null before an audit. */
  readonly real: string | null;
  readonly image: SetImage;
  readonly previous: number | null;
  readonly next: number | null;
  /** Opens another image, or closes with null. */
  readonly onOpen: (index: number | null) => void;
  readonly onLeave: (index: number, leftOut: boolean) => void;
}

const PIXELS = 512;

/** One synthetic image, large, with how it was drawn and the training image that it is nearest to. Arrow keys go on. */
export function ImageLightbox({ set, real, image, previous, next, onOpen, onLeave }: ImageLightboxProps) {
  const { t, maybe, decimal } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const keys = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft" && previous !== null) onOpen(previous);
    if (event.key === "ArrowRight" && next !== null) onOpen(next);
  };
  const { index, label, leftOut, nearest, record } = image;
  const title = t("images.one", { n: index + 1, label });
  return (
    <dialog ref={dialog} class="detail lightbox" aria-label={title} onClose={() => onOpen(null)} onKeyDown={keys}>
      <div class="detail-head">
        <h2>{title}</h2>
        <button
          type="button"
          class="quiet"
          disabled={previous === null}
          aria-label={t("images.previous")}
          onClick={() => onOpen(previous)}
        >
          <Icon name="previous" />
        </button>
        <button
          type="button"
          class="quiet"
          disabled={next === null}
          aria-label={t("images.next")}
          onClick={() => onOpen(next)}
        >
          <Icon name="next" />
        </button>
        <button type="button" class="quiet" aria-label={t("images.close")} onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </div>
      <div class="lightbox-body">
        <figure>
          <img src={api.urls.image(set, index, PIXELS)} alt={title} />
          <figcaption>{t("images.synthetic")}</figcaption>
        </figure>
        {nearest !== null && real !== null && (
          <figure>
            <img src={api.urls.image(real, nearest.index, PIXELS)} alt={t("images.nearest")} />
            <figcaption>
              {t("words.of", {
                name: t("images.nearest"),
                text: nearest.copy ? t("images.copy") : t("images.score", { score: decimal(nearest.score) }),
              })}
              <span class="hint">{t("images.score.text")}</span>
            </figcaption>
          </figure>
        )}
        <div class="lightbox-facts">
          <h3>{t("images.provenance")}</h3>
          {record === null ? (
            <p class="muted">{t("images.provenance.none")}</p>
          ) : (
            <Facts
              facts={Object.entries(record).map(([key, value]) => [maybe(`record.${key}`) ?? key, value])}
              values="path"
            />
          )}
          <p>
            <button type="button" aria-pressed={leftOut} onClick={() => onLeave(index, !leftOut)}>
              {t(leftOut ? "images.take" : "images.leave")}
            </button>
          </p>
          <p class="hint">{t("images.leave.text")}</p>
        </div>
      </div>
    </dialog>
  );
}
