import { useState } from "preact/hooks";
import { TONE_NAMES } from "../../../../data/maps/semantic-map.ts";
import type { DatasetImage, DatasetSummary } from "../../../api.ts";
import { api } from "../../api-client.ts";
import { Choice } from "../../components/choice.tsx";
import { Icon } from "../../components/icon.tsx";
import { Notice } from "../../components/notice.tsx";
import { countOf, formatCount } from "../../format.ts";
import { routeTo } from "../../routing.ts";
import { useResource } from "../../use-resource.ts";
import { useWorkspace } from "../../workspace-context.ts";
import { ClassHistogram } from "./class-histogram.tsx";
import { ImageDetail } from "./image-detail.tsx";

/** Images of a page. */
const PAGE_IMAGES = 60;
/** Pixels of a picture in the grid: sharp on a dense screen. */
const GRID_PIXELS = 192;

interface Filter {
  readonly class: string;
  readonly split: string;
  readonly tone: string;
}

function Filters({
  dataset,
  filter,
  onFilter,
}: {
  dataset: DatasetSummary;
  filter: Filter;
  onFilter: (f: Filter) => void;
}) {
  const any = (text: string) => ({ value: "", text });
  return (
    <div class="filters">
      <Choice
        label="Class"
        value={filter.class}
        options={[any("all classes"), ...dataset.classes.map(({ name }) => ({ value: name, text: name }))]}
        onChoose={(value) => onFilter({ ...filter, class: value })}
      />
      {dataset.splits.length > 0 && (
        <Choice
          label="Split"
          value={filter.split}
          options={[any("all splits"), ...dataset.splits.map((name) => ({ value: name, text: name }))]}
          onChoose={(value) => onFilter({ ...filter, split: value })}
        />
      )}
      {dataset.tones !== null && (
        <Choice
          label={dataset.tonesEstimated ? "Tone, estimated" : "Tone"}
          value={filter.tone}
          options={[any("all tones"), ...TONE_NAMES.map((name, i) => ({ value: `${i + 1}`, text: name }))]}
          onChoose={(value) => onFilter({ ...filter, tone: value })}
        />
      )}
    </div>
  );
}

/** Splits in the order in which they are used. */
const SPLITS = ["train", "val", "test"];
const placeOf = (split: string) => (SPLITS.includes(split) ? SPLITS.indexOf(split) : SPLITS.length);
const inOrder = (splits: readonly string[]) => [...splits].sort((a, b) => placeOf(a) - placeOf(b));

/** What a picture of the grid shows, in words. */
const describeImage = ({ index, label, split, tone }: DatasetImage): string =>
  [`Image ${index}`, label, split, tone === null ? null : `tone ${TONE_NAMES[tone - 1]}`].filter(Boolean).join(", ");

function Pages({ offset, total, onOffset }: { offset: number; total: number; onOffset: (offset: number) => void }) {
  return (
    <div class="pages">
      <button type="button" disabled={offset === 0} onClick={() => onOffset(Math.max(0, offset - PAGE_IMAGES))}>
        <Icon name="previous" />
        <span>Previous</span>
      </button>
      <span>
        {formatCount(Math.min(total, offset + 1))}–{formatCount(Math.min(total, offset + PAGE_IMAGES))} of{" "}
        {formatCount(total)}
      </span>
      <button type="button" disabled={offset + PAGE_IMAGES >= total} onClick={() => onOffset(offset + PAGE_IMAGES)}>
        <span>Next</span>
        <Icon name="next" />
      </button>
    </div>
  );
}

function Images({ dataset, filter }: { readonly dataset: DatasetSummary; readonly filter: Filter }) {
  const [offset, setOffset] = useState(0);
  const [open, setOpen] = useState<DatasetImage | null>(null);
  const query = { ...filter, offset, limit: PAGE_IMAGES };
  const { value: page, error } = useResource(`${dataset.id} ${JSON.stringify(query)}`, () =>
    api.images(dataset.id, query),
  );
  if (error !== null) return <Notice tone="error">{error}</Notice>;
  if (page === null) return <p class="loading">Loading images…</p>;
  if (page.total === 0) return <Notice>No image matches all filters. Choose fewer.</Notice>;
  const place = open === null ? -1 : page.images.indexOf(open);
  return (
    <>
      <Pages offset={offset} total={page.total} onOffset={setOffset} />
      <ul class="image-grid">
        {page.images.map((image) => (
          <li key={image.index}>
            <button type="button" onClick={() => setOpen(image)} aria-label={describeImage(image)}>
              <img loading="lazy" decoding="async" alt="" src={api.urls.image(dataset.id, image.index, GRID_PIXELS)} />
              <span class="caption">{image.label}</span>
            </button>
          </li>
        ))}
      </ul>
      {page.total > PAGE_IMAGES && <Pages offset={offset} total={page.total} onOffset={setOffset} />}
      {open !== null && (
        <ImageDetail
          dataset={dataset}
          image={open}
          previous={page.images[place - 1] ?? null}
          next={page.images[place + 1] ?? null}
          onOpen={setOpen}
        />
      )}
    </>
  );
}

/** Asks for the tones of a dataset that states none. */
function EstimateTones({ id, onEstimated }: { id: string; onEstimated: (dataset: DatasetSummary) => void }) {
  const [state, setState] = useState<{ readonly busy: boolean; readonly error: string | null }>({
    busy: false,
    error: null,
  });
  const estimate = async () => {
    setState({ busy: true, error: null });
    try {
      onEstimated(await api.estimateTones(id));
    } catch (cause) {
      setState({ busy: false, error: (cause as Error).message });
    }
  };
  return (
    <p>
      <button type="button" disabled={state.busy} onClick={estimate}>
        {state.busy ? "Estimating tones…" : "Estimate skin tones to filter by them"}
      </button>
      {state.error !== null && <Notice tone="error">{state.error}</Notice>}
    </p>
  );
}

/** The images of a dataset: how many of each class, and all of them to look at. */
export function DatasetPage({ id, query }: { readonly id: string | null; readonly query: URLSearchParams }) {
  const { datasets: opened } = useWorkspace();
  const [estimated, setEstimated] = useState<readonly DatasetSummary[]>([]);
  const datasets = opened.map((known) => estimated.find((newer) => newer.id === known.id) ?? known);
  const found = datasets.find((known) => known.id === id) ?? datasets[0];
  if (found === undefined) return <Notice>No dataset was opened. Give its folder to `ganglion studio`.</Notice>;
  const dataset = { ...found, splits: inOrder(found.splits) };
  const filter = { class: query.get("class") ?? "", split: query.get("split") ?? "", tone: query.get("tone") ?? "" };
  const go = (next: Filter) => location.replace(routeTo("dataset", dataset.id, { ...next }));
  return (
    <>
      <div class="page-head">
        <h1>Dataset</h1>
        {datasets.length > 1 ? (
          <Choice
            label="Dataset"
            value={dataset.id}
            options={datasets.map(({ id: value, name }) => ({ value, text: name }))}
            onChoose={(value) => location.assign(routeTo("dataset", value))}
          />
        ) : (
          <span class="subject">{dataset.name}</span>
        )}
        <span class="muted">{countOf(dataset.images, "image")}</span>
        {dataset.synthetic && <span class="synthetic-mark">Every image is synthetic</span>}
      </div>
      <ClassHistogram
        key={dataset.id}
        dataset={dataset}
        chosen={filter.class}
        onChoose={(name) => go({ ...filter, class: name === filter.class ? "" : name })}
      />
      <Filters dataset={dataset} filter={filter} onFilter={go} />
      {dataset.tones === null && (dataset.hasMasks || dataset.hasBoxes) && (
        <EstimateTones
          key={dataset.id}
          id={dataset.id}
          onEstimated={(newer) => setEstimated((before) => [...before.filter((old) => old.id !== newer.id), newer])}
        />
      )}
      <Images key={`${dataset.id} ${JSON.stringify(filter)}`} dataset={dataset} filter={filter} />
    </>
  );
}
