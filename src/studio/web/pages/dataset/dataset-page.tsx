import { useState } from "preact/hooks";
import { TONE_NAMES } from "../../../../data/maps/semantic-map.ts";
import type { DatasetSummary } from "../../../api.ts";
import { api, type ImageQuery } from "../../api-client.ts";
import { Choice } from "../../components/choice.tsx";
import { NothingYet } from "../../components/nothing-yet.tsx";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { useWorkspace } from "../../workspace-context.ts";
import { ClassHistogram } from "./class-histogram.tsx";
import { ImageGrid } from "./image-grid.tsx";

type Filter = Pick<ImageQuery, "class" | "split" | "tone">;

function Filters({
  dataset,
  filter,
  onFilter,
}: {
  dataset: DatasetSummary;
  filter: Filter;
  onFilter: (f: Filter) => void;
}) {
  const { t } = useWords();
  const any = (text: string) => ({ value: "", text });
  return (
    <div class="filters">
      <Choice
        label={t("data.class")}
        value={filter.class}
        options={[any(t("reader.all.classes")), ...dataset.classes.map(({ name }) => ({ value: name, text: name }))]}
        onChoose={(value) => onFilter({ ...filter, class: value })}
      />
      {dataset.splits.length > 0 && (
        <Choice
          label={t("data.split")}
          value={filter.split}
          options={[any(t("data.all.splits")), ...dataset.splits.map((name) => ({ value: name, text: name }))]}
          onChoose={(value) => onFilter({ ...filter, split: value })}
        />
      )}
      {dataset.tones !== null && (
        <Choice
          label={t(dataset.tonesEstimated ? "data.tone.estimated" : "data.tone")}
          value={filter.tone}
          options={[any(t("data.all.tones")), ...TONE_NAMES.map((name, i) => ({ value: `${i + 1}`, text: name }))]}
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

/** Asks for the tones of a dataset that states none. */
function EstimateTones({ id, onEstimated }: { id: string; onEstimated: (dataset: DatasetSummary) => void }) {
  const { t } = useWords();
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
        {t(state.busy ? "data.estimating" : "data.estimate")}
      </button>
      {state.error !== null && <Notice tone="error">{state.error}</Notice>}
    </p>
  );
}

/** The images of a dataset: how many of each class, and all of them to look at. */
export function DatasetPage({ id, query }: { readonly id: string | null; readonly query: URLSearchParams }) {
  const { t, count } = useWords();
  const { datasets: opened } = useWorkspace();
  const [estimated, setEstimated] = useState<readonly DatasetSummary[]>([]);
  const datasets = opened.map((known) => estimated.find((newer) => newer.id === known.id) ?? known);
  const found = datasets.find((known) => known.id === id) ?? datasets[0];
  if (found === undefined) {
    return <NothingYet page="dataset" inProject="data.none.project" command="import" opened="data.none" />;
  }
  const dataset = { ...found, splits: inOrder(found.splits) };
  const filter = { class: query.get("class") ?? "", split: query.get("split") ?? "", tone: query.get("tone") ?? "" };
  const go = (next: Filter) => location.replace(routeTo("dataset", dataset.id, { ...next }));
  return (
    <>
      <div class="page-head">
        <h1>{t("nav.dataset")}</h1>
        {datasets.length > 1 ? (
          <Choice
            label={t("nav.dataset")}
            value={dataset.id}
            options={datasets.map(({ id: value, name }) => ({ value, text: name }))}
            onChoose={(value) => location.assign(routeTo("dataset", value))}
          />
        ) : (
          <span class="subject">{dataset.name}</span>
        )}
        <span class="muted">{count("images.count", dataset.images)}</span>
        {dataset.synthetic && <span class="synthetic-mark">{t("data.synthetic")}</span>}
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
      <ImageGrid key={`${dataset.id} ${JSON.stringify(filter)}`} dataset={dataset} filter={filter} />
    </>
  );
}
