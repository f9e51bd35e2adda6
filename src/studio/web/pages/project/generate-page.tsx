import { useState } from "preact/hooks";
import { fieldsOf } from "../../../job-forms.ts";
import type { Project } from "../../../project-api.ts";
import { useWords } from "../../texts/texts.ts";
import { useWorkspace } from "../../workspace-context.ts";
import { type ClassRow, countsText, isCountable, sliderEnd } from "./class-counts.ts";
import { ClassSliders } from "./class-sliders.tsx";
import { FieldInput } from "./field-input.tsx";
import { FormPage } from "./form-page.tsx";
import { SamplerCards } from "./sampler-cards.tsx";
import { StartButton, useJobForm } from "./use-job-form.tsx";

const USUAL = 100;
/** What sliders and cards settle. */
const IN_CARDS: ReadonlySet<string> = new Set(["perClass", "counts", "sampler"]);

/** The form of drawing images: how many of each class, and how they are chosen. */
export function GeneratePage({ project }: { readonly project: Project }) {
  const { t, number } = useWords();
  const { runs, datasets } = useWorkspace();
  const [each, setEach] = useState(USUAL);
  const [changed, setChanged] = useState<ReadonlyMap<string, number>>(new Map());
  const runPath = project.filled.generate.run;
  const [path, setPath] = useState(String(runPath ?? ""));
  const item = project.items.find((one) => one.kind === "run" && one.path === path);
  const run = runs.find(({ id }) => id === item?.id);
  const real = datasets.find(({ id }) => id === project.steps.find(({ name }) => name === "data")?.id);
  const classes = run?.classes ?? [];
  const values = new Map(classes.map((name) => [name, changed.get(name) ?? each]));
  const isEven = classes.length === 0 || [...values.values()].every((count) => count === each);
  // A class that has no name on the command line gets as many as all others.
  const counts = isEven ? { perClass: each } : { perClass: undefined, counts: countsText(values) };
  const form = useJobForm(project, "generate", { perClass: undefined }, { run: path, ...counts });
  const rows: ClassRow[] = classes.map((name) => ({
    name,
    real: real?.classes.find((one) => one.name === name)?.count ?? 0,
    synthetic: values.get(name)!,
  }));
  const most = sliderEnd(Math.max(200, ...rows.map((row) => row.real)));
  const total = rows.reduce((sum, { synthetic }) => sum + synthetic, 0);
  const shown = fieldsOf("generate").filter(({ name }) => !IN_CARDS.has(name) && name !== "run");
  const input = (field: (typeof shown)[number]) => (
    <FieldInput
      key={field.name}
      field={field}
      value={form.values[field.name]}
      project={project}
      onChange={(value) => form.set(field.name, value)}
    />
  );
  return (
    <FormPage command="generate">
      <form class="command-form" onSubmit={form.start}>
        <div class="fields">
          <FieldInput
            field={fieldsOf("generate")[0]!}
            value={path}
            project={project}
            onChange={(value) => {
              setPath(String(value));
              setChanged(new Map());
            }}
          />
          <div class="field">
            <label class="field-name" for="field-perClass">
              {t("field.perClass")}
            </label>
            <input
              id="field-perClass"
              type="number"
              min={1}
              max={1_000_000}
              required
              value={each}
              aria-describedby="hint-perClass"
              onInput={(event) => {
                setEach(Math.max(0, Math.round(Number(event.currentTarget.value) || 0)));
                setChanged(new Map());
              }}
            />
            <span id="hint-perClass" class="hint">
              {t("hint.perClass")}
            </span>
          </div>
          {shown.filter(({ more }) => !more).map(input)}
        </div>
        {rows.length > 0 && (
          <ClassSliders
            legend={t("counts.title")}
            rows={rows}
            values={values}
            most={most}
            onChange={(name, value) => setChanged((before) => new Map(before).set(name, value))}
          />
        )}
        {rows.length > 0 && (
          <p role="status">
            {t("counts.total", { n: number(total) })}
            {!classes.every(isCountable) && ` ${t("counts.unnamed")}`}
          </p>
        )}
        <SamplerCards
          value={String(form.values.sampler ?? "")}
          onChoose={(sampler) => form.set("sampler", sampler === "random" ? undefined : sampler)}
        />
        <details class="more">
          <summary>{t("form.more")}</summary>
          <div class="fields">{shown.filter(({ more }) => more).map(input)}</div>
        </details>
        <StartButton form={form} project={project} />
      </form>
    </FormPage>
  );
}
