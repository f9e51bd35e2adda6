import type { SetImage } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Facts } from "../../components/facts.tsx";
import { PagedDialog } from "../../components/paged-dialog.tsx";
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
  const { index, label, leftOut, nearest, record } = image;
  const title = t("images.one", { n: index + 1, label });
  return (
    <PagedDialog
      title={title}
      class="lightbox"
      previous={previous}
      next={next}
      words={{ previous: t("images.previous"), next: t("images.next") }}
      onOpen={onOpen}
    >
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
    </PagedDialog>
  );
}
