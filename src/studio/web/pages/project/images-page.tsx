import { useState } from "preact/hooks";
import type { Item, Project, SetImage, SetPage } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { useResource } from "../../use-resource.ts";
import { useWorkspace } from "../../workspace-context.ts";
import { ImageLightbox } from "./image-lightbox.tsx";

/** Images of a page. */
const PAGE = 48;
/** Pixels of a picture in the grid: sharp on a dense screen. */
const PIXELS = 192;

/** Synthetic images, each beside the training image that it is nearest to. @param id Set; null takes that of the chain. */
export function ImagesPage({ project, id }: { readonly project: Project; readonly id: string | null }) {
  const { t } = useWords();
  const { datasets } = useWorkspace();
  const sets = project.items.filter(({ kind }) => kind === "set");
  const wanted = id ?? project.steps.find(({ name }) => name === "images")?.id;
  const set = sets.find((item) => item.id === wanted) ?? sets.at(-1);
  return (
    <>
      <p>
        <a href={routeTo("project")}>{t("form.back")}</a>
      </p>
      {set === undefined ? (
        <Notice>
          {t("images.none")} <a href={routeTo("project", "generate")}>{t("command.generate")}</a>
        </Notice>
      ) : datasets.some((known) => known.id === set.id) ? (
        <OneSet key={set.id} set={set} sets={sets} project={project} />
      ) : (
        <p class="loading">{t("page.loading")}</p>
      )}
    </>
  );
}

interface OneSetProps {
  readonly set: Item;
  readonly sets: readonly Item[];
  readonly project: Project;
}

function OneSet({ set, sets, project }: OneSetProps) {
  const { t, count } = useWords();
  const [offset, setOffset] = useState(0);
  const [order, setOrder] = useState<"set" | "nearest">("set");
  const [open, setOpen] = useState<number | null>(null);
  /** The last change, which can be taken back. */
  const [changed, setChanged] = useState<{ readonly index: number; readonly leftOut: boolean } | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const {
    value: page,
    error,
    reload,
  } = useResource(`${set.id} ${offset} ${order}`, () => api.setImages(set.id, offset, PAGE, order));
  const leave = async (index: number, leftOut: boolean) => {
    setFailed(null);
    try {
      await api.leaveOut(set.id, index, leftOut);
      setChanged({ index, leftOut });
      reload();
    } catch (failure) {
      setFailed((failure as Error).message);
    }
  };
  const images = page?.images ?? [];
  const at = images.findIndex(({ index }) => index === open);
  const hasAudit = project.items.some(({ kind }) => kind === "audit");
  return (
    <section class="set-page" aria-labelledby="set-title">
      <div class="card-head">
        <h2 id="set-title" class="form-title">
          {t("images.title")}
        </h2>
        {sets.length > 1 && (
          <label class="field">
            <span class="field-name">{t("field.set")}</span>
            <select
              value={set.id}
              onChange={(event) => location.assign(routeTo("project", "images", { set: event.currentTarget.value }))}
            >
              {sets.map(({ id, path }) => (
                <option key={id} value={id}>
                  {path}
                </option>
              ))}
            </select>
          </label>
        )}
        {page?.real != null && (
          <label class="field">
            <span class="field-name">{t("images.order")}</span>
            <select
              value={order}
              onChange={(event) => {
                setOrder(event.currentTarget.value as "set" | "nearest");
                setOffset(0);
              }}
            >
              <option value="set">{t("images.order.set")}</option>
              <option value="nearest">{t("images.order.nearest")}</option>
            </select>
          </label>
        )}
      </div>
      <p class="muted">{t("images.text")}</p>
      {error !== null && <Notice tone="error">{error}</Notice>}
      {failed !== null && <Notice tone="error">{failed}</Notice>}
      {page === null && error === null && <p class="loading">{t("page.loading")}</p>}
      {page !== null && (
        <>
          {page.real === null && (
            <Notice>
              {t(hasAudit ? "images.audit.other" : "images.audit.none")}{" "}
              <a href={routeTo("project", "audit")}>{t("command.audit")}</a>
            </Notice>
          )}
          <div class="left-out" role="status">
            {page.leftOut > 0 && <span>{count("images.leftOut", page.leftOut, { total: page.total })}</span>}
            {changed !== null && (
              <button type="button" class="small" onClick={() => leave(changed.index, !changed.leftOut)}>
                {t("images.undo", {
                  what: t(changed.leftOut ? "images.undo.leave" : "images.undo.take", { n: changed.index + 1 }),
                })}
              </button>
            )}
          </div>
          <Pages page={page} offset={offset} onOffset={setOffset} />
          <ul class="pairs">
            {images.map((image) => (
              <Pair key={image.index} set={set.id} real={page.real} image={image} onOpen={setOpen} onLeave={leave} />
            ))}
          </ul>
          <Pages page={page} offset={offset} onOffset={setOffset} />
        </>
      )}
      {page !== null && at >= 0 && (
        <ImageLightbox
          set={set.id}
          real={page.real}
          image={images[at]!}
          previous={images[at - 1]?.index ?? null}
          next={images[at + 1]?.index ?? null}
          onOpen={setOpen}
          onLeave={leave}
        />
      )}
    </section>
  );
}

interface PairProps {
  readonly set: string;
  readonly real: string | null;
  readonly image: SetImage;
  readonly onOpen: (index: number) => void;
  readonly onLeave: (index: number, leftOut: boolean) => void;
}

function Pair({ set, real, image, onOpen, onLeave }: PairProps) {
  const { t, decimal } = useWords();
  const { index, label, leftOut, nearest } = image;
  return (
    <li class={`pair${leftOut ? " out" : ""}${nearest?.copy ? " copy" : ""}`}>
      <button type="button" class="pair-pictures" onClick={() => onOpen(index)}>
        <img
          loading="lazy"
          decoding="async"
          alt={t("images.one", { n: index + 1, label })}
          src={api.urls.image(set, index, PIXELS)}
        />
        {nearest !== null && real !== null && (
          <img
            loading="lazy"
            decoding="async"
            alt={t("images.nearest")}
            src={api.urls.image(real, nearest.index, PIXELS)}
          />
        )}
      </button>
      <span class="pair-words">
        <span>{label}</span>
        {nearest !== null && (
          <span class="muted" title={t("images.score.text")}>
            {nearest.copy ? t("images.copy") : t("images.score", { score: decimal(nearest.score) })}
          </span>
        )}
      </span>
      <label class="toggle">
        <input
          type="checkbox"
          checked={leftOut}
          onChange={(event) => onLeave(index, event.currentTarget.checked)}
          aria-label={t("images.leave.one", { n: index + 1 })}
        />
        <span aria-hidden="true">{t("images.leave")}</span>
      </label>
    </li>
  );
}

interface PagesProps {
  readonly page: SetPage;
  readonly offset: number;
  readonly onOffset: (offset: number) => void;
}

function Pages({ page: { total }, offset, onOffset }: PagesProps) {
  const { t, number } = useWords();
  if (total <= PAGE) return null;
  return (
    <div class="pages">
      <button type="button" disabled={offset === 0} onClick={() => onOffset(Math.max(0, offset - PAGE))}>
        {t("images.previous")}
      </button>
      <span>
        {t("images.range", {
          from: number(offset + 1),
          to: number(Math.min(total, offset + PAGE)),
          total: number(total),
        })}
      </span>
      <button type="button" disabled={offset + PAGE >= total} onClick={() => onOffset(offset + PAGE)}>
        {t("images.next")}
      </button>
    </div>
  );
}
