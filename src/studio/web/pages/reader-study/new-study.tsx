import { useState } from "preact/hooks";
import type { DatasetSummary } from "../../../api.ts";
import { api } from "../../api-client.ts";
import { Choice } from "../../components/choice.tsx";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { useLookAgain, useWorkspace } from "../../workspace-context.ts";

interface NewStudyProps {
  readonly names: readonly string[];
  readonly onCreated: () => void;
}

/** As many of each kind as ten readers of DermGAN saw (Ghorbani et al. 2019, section 4.3). */
const USUAL_COUNT = 80;

/** Makes a study of a real and a synthetic dataset; says what is missing until there are both. */
export function NewStudy({ names, onCreated }: NewStudyProps) {
  const { datasets } = useWorkspace();
  const reals = datasets.filter(({ synthetic }) => !synthetic);
  const marked = datasets.filter(({ synthetic }) => synthetic);
  const synthetics = marked.length > 0 ? marked : reals.slice(1);
  return reals.length === 0 || synthetics.length === 0 ? (
    <Missing />
  ) : (
    <Form reals={reals} synthetics={synthetics} names={names} onCreated={onCreated} />
  );
}

function Missing() {
  const { t } = useWords();
  const { project } = useWorkspace();
  useLookAgain();
  return project ? (
    <Notice>
      {t("reader.needs.project")} <a href={routeTo("project")}>{t("nav.project")}</a>
    </Notice>
  ) : (
    <Notice>
      {t("reader.needs")} <code>{"ganglion generate"}</code>
    </Notice>
  );
}

interface FormProps extends NewStudyProps {
  readonly reals: readonly DatasetSummary[];
  readonly synthetics: readonly DatasetSummary[];
}

function Form({ reals, synthetics, names, onCreated }: FormProps) {
  const { t, number } = useWords();
  const [name, setName] = useState(() => t("reader.name.usual", { n: String(names.length + 1) }));
  const [real, setReal] = useState(reals[0]?.id ?? "");
  const [synthetic, setSynthetic] = useState(synthetics[0]?.id ?? "");
  const most = (id: string) => [...reals, ...synthetics].find((known) => known.id === id)?.images ?? 0;
  const limit = Math.min(most(real), most(synthetic));
  const [count, setCount] = useState(() => Math.max(1, Math.min(USUAL_COUNT, limit)));
  const [error, setError] = useState<string | null>(null);
  async function create(event: Event): Promise<void> {
    event.preventDefault();
    setError(null);
    try {
      const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
      await api.createStudy({
        name: name.trim(),
        realDataset: real,
        syntheticDataset: synthetic,
        perKind: count,
        seed,
      });
      onCreated();
    } catch (failure) {
      setError((failure as Error).message);
    }
  }
  const options = (list: readonly DatasetSummary[]) =>
    list.map((one) => ({ value: one.id, text: `${one.name} (${number(one.images)})` }));
  return (
    <form class="card new-study" onSubmit={create}>
      <h2>{t("reader.new")}</h2>
      <div class="fields">
        <label class="field">
          <span class="field-name">{t("reader.name")}</span>
          <input
            type="text"
            required
            maxLength={80}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <Choice label={t("field.dataset")} value={real} options={options(reals)} onChoose={setReal} />
        <Choice label={t("field.set")} value={synthetic} options={options(synthetics)} onChoose={setSynthetic} />
        <label class="field">
          <span class="field-name">{t("reader.each")}</span>
          <input
            type="number"
            required
            min={1}
            max={limit}
            value={count}
            onInput={(event) => setCount(Number(event.currentTarget.value))}
          />
        </label>
      </div>
      <p class="hint">{t("reader.how")}</p>
      {error !== null && <Notice tone="error">{error}</Notice>}
      <button type="submit" class="primary">
        {t("reader.create")}
      </button>
    </form>
  );
}
