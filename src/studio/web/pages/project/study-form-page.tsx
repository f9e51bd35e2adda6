import { useState } from "preact/hooks";
import type { Project, StudyPlanRequest } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Choice } from "../../components/choice.tsx";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { useWorkspace } from "../../workspace-context.ts";
import { FormPage } from "./form-page.tsx";
import { useDryRuns } from "./use-dry-run.ts";
import { StartButton, useJobForm } from "./use-job-form.tsx";

/** What `ganglion study --dry-run --json` prints, as far as the page shows it. */
interface StudyEstimate {
  readonly arms: readonly {
    readonly name: string;
    readonly real: number;
    readonly synthetic: number;
    readonly controls: readonly string[];
  }[];
  readonly jobs: Readonly<Record<string, number>>;
  readonly minutes: { readonly generators: number; readonly classifiers: number; readonly wall: number };
}

/** A short study of whether synthetic images help a classifier: what it is asked, what it will cost, and its start. */
export function StudyFormPage({ project }: { readonly project: Project }) {
  const { t } = useWords();
  const { datasets, runs, watched } = useWorkspace();
  const own = project.items.filter(({ kind }) => kind === "dataset");
  const [request, setRequest] = useState<StudyPlanRequest>(() => ({
    name: String(project.filled.study.out ?? "study"),
    dataset: String(project.filled.train.dataset ?? own[0]?.path ?? ""),
    positive: null,
    resolution: 32,
    seeds: 3,
    images: 20_000,
    run: null,
    heldOut: 0.25,
    epochs: 15,
  }));
  const [planned, setPlanned] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const change = (part: Partial<StudyPlanRequest>) => {
    setPlanned(null);
    setRequest((before) => ({ ...before, ...part }));
  };
  const item = own.find(({ path }) => path === request.dataset);
  const classes = datasets.find(({ id }) => id === item?.id)?.classes ?? [];
  const models = project.items.filter(({ kind, id }) => kind === "run" && runs.some((run) => run.id === id));
  const plan = async (event: Event) => {
    event.preventDefault();
    setError(null);
    try {
      setPlanned((await api.planStudy(request)).path);
    } catch (failure) {
      setError((failure as Error).message);
    }
  };
  const whole = (name: "resolution" | "seeds" | "epochs", least: number, most: number) => (
    <div class="field">
      <label class="field-name" for={`study-${name}`}>
        {t(`study.${name}`)}
      </label>
      <input
        id={`study-${name}`}
        type="number"
        required
        min={least}
        max={most}
        value={request[name]}
        onInput={(event) => change({ [name]: Math.round(Number(event.currentTarget.value)) || least })}
      />
      <span class="hint">{t(`study.${name}.text`)}</span>
    </div>
  );
  return (
    <FormPage command="study">
      {watched.length > 0 && (
        <p class="links">
          {watched.map(({ id, name }) => (
            <a key={id} href={routeTo("study", id)}>
              {t("study.open", { name })}
            </a>
          ))}
        </p>
      )}
      {own.length === 0 ? (
        <Notice>
          {t("study.none")} <a href={routeTo("project", "import")}>{t("command.import")}</a>
        </Notice>
      ) : (
        <form class="command-form" onSubmit={plan}>
          <div class="fields">
            <Choice
              label={t("field.dataset")}
              value={request.dataset}
              options={own.map(({ path }) => ({ value: path, text: path }))}
              onChoose={(dataset) => change({ dataset, positive: null })}
            />
            <Choice
              label={t("study.positive")}
              value={request.positive ?? ""}
              options={[
                { value: "", text: t("study.positive.none") },
                ...classes.map(({ name }) => ({ value: name, text: name })),
              ]}
              onChoose={(name) => change({ positive: name === "" ? null : name })}
            />
            <Choice
              label={t("study.generator")}
              value={request.run ?? ""}
              options={[
                { value: "", text: t("study.generator.train") },
                ...models.map(({ path }) => ({ value: path, text: path })),
              ]}
              onChoose={(run) => change({ run: run === "" ? null : run, images: run === "" ? 20_000 : null })}
            />
            {request.run === null && (
              <div class="field">
                <label class="field-name" for="study-images">
                  {t("study.images")}
                </label>
                <input
                  id="study-images"
                  type="number"
                  required
                  min={1}
                  value={request.images ?? ""}
                  onInput={(event) => change({ images: Math.round(Number(event.currentTarget.value)) || 1 })}
                />
                <span class="hint">{t("study.images.text")}</span>
              </div>
            )}
            <div class="field">
              <label class="field-name" for="study-held">
                {t("study.heldOut")}
              </label>
              <input
                id="study-held"
                type="number"
                min={0.05}
                max={0.9}
                step="any"
                value={request.heldOut ?? ""}
                placeholder={t("study.heldOut.split")}
                onInput={({ currentTarget: { value } }) => change({ heldOut: value === "" ? null : Number(value) })}
              />
              <span class="hint">{t("study.heldOut.text")}</span>
            </div>
            {whole("resolution", 8, 256)}
            {whole("seeds", 1, 50)}
            {whole("epochs", 1, 1000)}
            <div class="field">
              <label class="field-name" for="study-name">
                {t("field.out")}
              </label>
              <input
                id="study-name"
                type="text"
                required
                maxLength={64}
                value={request.name}
                onInput={(event) => change({ name: event.currentTarget.value })}
              />
            </div>
          </div>
          {error !== null && <Notice tone="error">{error}</Notice>}
          {planned === null && (
            <button type="submit" class="primary">
              {t("study.plan")}
            </button>
          )}
        </form>
      )}
      {planned !== null && <Planned key={planned} project={project} config={planned} out={request.name} />}
    </FormPage>
  );
}

/** What the study will do, as the command says it, and its start. */
function Planned({ project, config, out }: { project: Project; config: string; out: string }) {
  const { t, number, duration } = useWords();
  const form = useJobForm(project, "study", {}, { config, out });
  const [forecast] = useDryRuns("study", [{ config, out }]);
  const { answer, failed } = forecast!;
  const error = failed ?? answer?.error?.message ?? null;
  const estimate = answer?.result as unknown as StudyEstimate | null | undefined;
  return (
    <form class="command-form" onSubmit={form.start}>
      <p>{t("study.written", { file: config })}</p>
      {error !== null && <Notice tone="error">{error}</Notice>}
      {error === null && estimate == null && (
        <p class="loading" role="status">
          {t("train.asking.long")}
        </p>
      )}
      {estimate != null && (
        <>
          <p role="status">
            <strong>{t("train.forecast")}</strong>{" "}
            {t("study.forecast", {
              arms: number(estimate.arms.length),
              jobs: number(Object.values(estimate.jobs).reduce((sum, count) => sum + count, 0)),
              time: duration(estimate.minutes.wall * 60),
            })}
          </p>
          <ul class="arms">
            {estimate.arms.map(({ name, real, synthetic }) => (
              <li key={name}>
                <strong lang="en">{name}</strong>{" "}
                <span class="muted">{t("counts.sum", { real: number(real), synthetic: number(synthetic) })}</span>
              </li>
            ))}
          </ul>
          <StartButton form={form} project={project} />
        </>
      )}
    </form>
  );
}
