import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { TONE_NAMES } from "../../../../data/maps/semantic-map.ts";
import type { DatasetImage, DatasetSummary } from "../../../api.ts";
import { api, type ImageQuery } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { useWords, type Words } from "../../texts/texts.ts";
import { gridLayout, positionAfter, rowsInView } from "./grid-layout.ts";
import { ImageDetail } from "./image-detail.tsx";
import { useImages } from "./use-images.ts";

/** Pixels of a picture in the grid: sharp on a dense screen. */
const GRID_PIXELS = 192;
/** Milliseconds for which a cell must be there before its picture is asked for. */
const PAUSE = 60;

/** What a picture of the grid shows, in words. */
const describeImage = ({ index, label, split, tone }: DatasetImage, { t }: Words): string =>
  [
    t("data.image", { n: String(index) }),
    label,
    split,
    tone === null ? null : t("data.tone.n", { tone: TONE_NAMES[tone - 1]! }),
  ]
    .filter(Boolean)
    .join(", ");

interface ImageGridProps {
  readonly dataset: DatasetSummary;
  readonly filter: Pick<ImageQuery, "class" | "split" | "tone">;
}

/**
 * All images of a filter in one grid that scrolls; of many only the rows in view are in the page. One stop of the Tab key,
 * within which arrows, Page and Home keys lead on.
 */
export function ImageGrid({ dataset, filter }: ImageGridProps) {
  const { t, count } = useWords();
  const scroll = useRef<HTMLElement>(null);
  const [view, setView] = useState({ top: 0, width: 0, height: 0 });
  const [active, setActive] = useState(0);
  const [open, setOpen] = useState<number | null>(null);
  const follow = useRef(false);
  const images = useImages(dataset.id, filter);
  const { want } = images;
  const total = images.total ?? 0;
  const layout = gridLayout(Math.max(1, view.width), total);
  const [firstRow, endRow] = rowsInView(layout, view.top, view.height + layout.rowHeight);
  const [first, end] = [firstRow * layout.columns, Math.min(total, endRow * layout.columns)];
  useEffect(() => want(first, end), [want, first, end]);
  // A neighbour of the image that is open may lie outside of the view.
  useEffect(() => (open === null ? undefined : want(Math.max(0, open - 1), open + 2)), [want, open]);

  useLayoutEffect(() => {
    const element = scroll.current;
    if (element === null) return;
    let frame = 0;
    const look = () => {
      frame = 0;
      const { scrollTop, clientWidth: width, clientHeight: height } = element;
      // Drawn anew when another row comes into view, not with every pixel.
      const { rowHeight } = gridLayout(Math.max(1, width), 0);
      const top = Math.floor(scrollTop / rowHeight) * rowHeight;
      setView((before) =>
        before.top === top && before.width === width && before.height === height ? before : { top, width, height },
      );
    };
    const soon = () => {
      frame ||= requestAnimationFrame(look);
    };
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    element.addEventListener("scroll", soon, { passive: true });
    look();
    return () => {
      cancelAnimationFrame(frame);
      sizes.disconnect();
      element.removeEventListener("scroll", soon);
    };
  }, [total > 0]);
  // The image that keys led to is there once its row is drawn and its block has come.
  useEffect(() => {
    if (!follow.current) return;
    const button = scroll.current?.querySelector<HTMLElement>(`[data-position="${active}"]`);
    if (button == null) return;
    follow.current = false;
    button.focus({ preventScroll: true });
  });

  if (images.error !== null) return <Notice tone="error">{images.error}</Notice>;
  if (images.total === null) return <p class="loading">{t("data.loading")}</p>;
  if (total === 0) return <Notice>{t("data.no.match")}</Notice>;

  const rowsOfView = Math.max(1, Math.floor(view.height / layout.rowHeight));
  const keys = (event: KeyboardEvent) => {
    const next = positionAfter(event.key, active, total, layout.columns, rowsOfView);
    if (next === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setActive(next);
    follow.current = true;
    const element = scroll.current!;
    const top = Math.floor(next / layout.columns) * layout.rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + layout.rowHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + layout.rowHeight - element.clientHeight;
    }
  };
  const stop = active >= first && active < end ? active : first;
  const positions = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
  const shown = open === null ? null : images.at(open);
  return (
    <>
      <p class="muted" role="status">
        {count("images.count", total)}
      </p>
      <section ref={scroll} class="image-scroll" aria-label={t("step.images")} onKeyDown={keys}>
        <div style={{ height: `${layout.height}px` }}>
          {/* Each cell has its own place: one that stays in view is not painted again when a row comes or goes. */}
          <ul class="image-grid" style={{ "--columns": layout.columns, "--row-height": `${layout.rowHeight}px` }}>
            {positions.map((position) => (
              <Cell
                key={position}
                dataset={dataset.id}
                position={position}
                place={{ "--row": Math.floor(position / layout.columns), "--column": position % layout.columns }}
                total={total}
                image={images.at(position)}
                isStop={position === stop}
                onOpen={() => {
                  setActive(position);
                  setOpen(position);
                }}
              />
            ))}
          </ul>
        </div>
      </section>
      {open !== null && shown !== null && (
        <ImageDetail
          dataset={dataset}
          image={shown}
          previous={open === 0 ? null : images.at(open - 1)}
          next={images.at(open + 1)}
          onOpen={(image) => {
            if (image === null) setOpen(null);
            else setOpen(image === images.at(open + 1) ? open + 1 : open - 1);
          }}
        />
      )}
    </>
  );
}

interface CellProps {
  readonly dataset: string;
  readonly position: number;
  /** Row and column, as the style sheet takes them. */
  readonly place: Readonly<Record<"--row" | "--column", number>>;
  readonly total: number;
  /** Null while it is not known. */
  readonly image: DatasetImage | null;
  readonly isStop: boolean;
  readonly onOpen: () => void;
}

function Cell({ dataset, position, place, total, image, isStop, onOpen }: CellProps) {
  const words = useWords();
  const [stays, setStays] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setStays(true), PAUSE);
    return () => clearTimeout(timer);
  }, []);
  return (
    <li style={place} aria-posinset={position + 1} aria-setsize={total}>
      {image === null ? (
        <span class="waiting" />
      ) : (
        <button
          type="button"
          data-position={position}
          tabIndex={isStop ? 0 : -1}
          onClick={onOpen}
          aria-label={describeImage(image, words)}
        >
          {stays ? (
            <img decoding="async" alt="" src={api.urls.image(dataset, image.index, GRID_PIXELS)} />
          ) : (
            <span class="waiting" />
          )}
          <span class="caption">{image.label}</span>
        </button>
      )}
    </li>
  );
}
