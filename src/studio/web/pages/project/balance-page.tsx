import { useState } from "preact/hooks";
import { fieldsOf } from "../../../job-forms.ts";
import type { DryRun, Project } from "../../../project-api.ts";
import { Notice } from "../../components/notice.tsx";
import { useWords } from "../../texts/texts.ts";
import { type ClassRow, countsText, filledUp, imbalance, isCountable, sliderEnd } from "./class-counts.ts";
import { ClassSliders } from "./class-sliders.tsx";
import { FieldInput } from "./field-input.tsx";
import { FormPage } from "./form-page.tsx";
import { SamplerCards } from "./sampler-cards.tsx";
import { useDryRuns } from "./use-dry-run.ts";
import { StartButton, useJobForm } from "./use-job-form.tsx";

/** What `ganglion balance --plan --json` prints, as far as the page shows it. */
interface Plan {
  readonly classes: readonly { readonly name: string; readonly real: number; readonly synthetic: number }[];
  readonly synthetic: number;
  readonly imbalance: { readonly before: number | null; readonly after: number | null };
  readonly notes: readonly string[];
}

const planOf = (answer: DryRun | null): Plan | null =>
  answer === null || answer.result === null ? null : (answer.result.plan as Plan);

/** Where nothing is wanted, a class that stays as it is says so: no text at all would mean `equal`. */
const targetText = (target: ReadonlyMap<string, number>): string =>
  countsText(target) || `${[...target.keys()][0] ?? ""}=0`;

const IN_CARDS: ReadonlySet<string> = new Set(["to", "maxRatio", "sampler"]);

/** The form of balancing: a slider and a bar for each class, with the plan of the command. */
export function BalancePage({ project }: { readonly project: Project }) {
  const { t, number, decimal } = useWords();
  const [target, setTarget] = useState<ReadonlyMap<string, number> | null>(null);
  const form0 = useJobForm(project, "balance", {}, target === null ? {} : { to: targetText(target) });
  const { values, set } = form0;
  const ratio = typeof values.maxRatio === "number" ? values.maxRatio : null;
  const asked = (to: string | undefined) => {
    const { dataset, run, label } = values;
    if (!dataset || !run) return null;
    const limit = ratio === null ? {} : { maxRatio: ratio };
    const column = label === undefined || label === "" ? {} : { label };
    return { dataset, run, out: project.filled.balance.out, ...column, ...limit, ...(to === undefined ? {} : { to }) };
  };
  const [equal, own] = useDryRuns("balance", [asked(undefined), target === null ? null : asked(targetText(target))]);
  const first = planOf(equal!.answer);
  const classes = first?.classes ?? [];
  const largest = Math.max(0, ...classes.map(({ real }) => real));
  const wanted = new Map(classes.map(({ name, real }) => [name, target?.get(name) ?? Math.max(real, largest)]));
  const rows: ClassRow[] = classes.map(({ name, real }) => ({
    name,
    real,
    synthetic: filledUp(real, wanted.get(name)!, ratio),
  }));
  const plan = planOf((target === null ? equal : own)!.answer);
  const before = imbalance(rows.map(({ real }) => real));
  const after = imbalance(rows.map(({ real, synthetic }) => real + synthetic));
  const said = (value: number | null) =>
    value === null ? t("counts.empty") : t("counts.ratio", { n: decimal(value) });
  const failed = equal!.failed ?? equal!.answer?.error?.message ?? own!.failed ?? own!.answer?.error?.message ?? null;
  const shown = fieldsOf("balance").filter(({ name }) => !IN_CARDS.has(name));
  const input = (field: (typeof shown)[number]) => (
    <FieldInput
      key={field.name}
      field={field}
      value={values[field.name]}
      project={project}
      onChange={(value) => set(field.name, value)}
    />
  );
  return (
    <FormPage command="balance">
      <form class="command-form" onSubmit={form0.start}>
        <div class="fields">{shown.filter(({ more }) => !more).map(input)}</div>
        {failed !== null && <Notice tone="error">{failed}</Notice>}
        {first === null && failed === null && asked(undefined) !== null && (
          <p class="loading">{t("train.asking.long")}</p>
        )}
        {rows.length > 0 && (
          <>
            <ClassSliders
              legend={t("field.to")}
              rows={rows}
              values={wanted}
              most={sliderEnd(largest)}
              onChange={(name, value) => {
                const next = new Map(wanted).set(name, value);
                setTarget(new Map([...next].filter(([one]) => isCountable(one))));
              }}
            />
            <div class="field short">
              <label class="field-name" for="field-maxRatio">
                {t("field.maxRatio")}
              </label>
              <input
                id="field-maxRatio"
                type="number"
                min={0}
                step="any"
                value={ratio ?? ""}
                placeholder={t("counts.unlimited")}
                onInput={({ currentTarget: { value } }) => set("maxRatio", value === "" ? undefined : Number(value))}
              />
            </div>
            <p role="status">
              {t("counts.plan", {
                n: number(rows.reduce((sum, { synthetic }) => sum + synthetic, 0)),
                before: said(before),
                after: said(after),
              })}{" "}
              {target !== null && (
                <button type="button" class="small" onClick={() => setTarget(null)}>
                  {t("counts.equal")}
                </button>
              )}
            </p>
            {plan !== null && (
              <ul class="notes" lang="en">
                {plan.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            )}
          </>
        )}
        <SamplerCards
          value={String(values.sampler ?? "")}
          onChoose={(sampler) => set("sampler", sampler === "random" ? undefined : sampler)}
        />
        <details class="more">
          <summary>{t("form.more")}</summary>
          <div class="fields">{shown.filter(({ more }) => more).map(input)}</div>
        </details>
        <StartButton form={form0} project={project} />
      </form>
    </FormPage>
  );
}
